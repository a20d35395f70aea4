"""Forms and webhooks, plugin routes, pages."""
