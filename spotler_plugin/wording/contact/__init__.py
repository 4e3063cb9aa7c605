"""Words about one contact: its `history`, whose its `address` is, and `reasons` that are about it."""
