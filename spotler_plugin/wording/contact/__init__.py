"""Words about one contact: its `history`, and whose its `address` is."""
