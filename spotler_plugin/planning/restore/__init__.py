"""Putting a backup back: `order` is what is asked, `kept` what a contact should be by it."""
