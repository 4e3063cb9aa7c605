"""Putting a backup back: `order` is what is asked, `legend` what its bits are by now, `kept` what a
contact should be by it."""
