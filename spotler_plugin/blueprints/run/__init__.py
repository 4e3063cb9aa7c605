"""Runs: `routes`, how they look (`screen`), before and after (`changes`), the file (`csv`)."""
