"""The widgets, over HTTP."""
