"""Wat gaat er gebeuren: `routes`, how it looks (`screen`), and what `undo` and `restore` add."""
