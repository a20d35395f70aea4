"""What runs: store, engine, HTTP, command line."""
