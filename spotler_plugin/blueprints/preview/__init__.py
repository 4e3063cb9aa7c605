"""Wat gaat er gebeuren: `routes`, and how it looks (`screen`)."""
