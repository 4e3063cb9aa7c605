"""The lines of a contact's history: what they can be about, and their order (`place`)."""
