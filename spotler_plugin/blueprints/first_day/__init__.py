"""Aan de slag: `routes`, and how it looks (`screen`)."""
