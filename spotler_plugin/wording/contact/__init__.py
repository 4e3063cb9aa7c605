"""Words about one contact: its `history`, whose its `address` is, `reasons` that are about it, and
how far Spotler is behind (`lag`)."""
