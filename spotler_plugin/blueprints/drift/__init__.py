"""Verschillen: `routes`, and how they look (`screen`)."""
