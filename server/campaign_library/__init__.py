"""The library: campaigns that are ready, listed by family and copied into a project."""
