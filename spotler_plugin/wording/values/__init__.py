"""Words of values: how people write them (`spelling`), and why one was `refused`."""
