"""Automatic actions: list and editor (`routes`), history and trying out (`firings`), how each looks
(`screen`)."""
