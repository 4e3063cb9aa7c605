"""Terugzetten, a backup: `routes`, and how its form looks (`screen`)."""
