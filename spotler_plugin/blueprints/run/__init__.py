"""Runs: `routes`, how they look (`screen`) and what became of a contact (`shown`), before and
after (`changes`), the file (`csv`)."""
