"""The loop: intake, matching, advance, dispatch, on an injected clock."""
