"""Wat gaat er gebeuren: `routes`, how it looks (`screen`), and what an undo adds (`undo`)."""
