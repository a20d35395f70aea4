"""The goals of campaigns: what reaches them is heard as it happens, who did is counted once."""
