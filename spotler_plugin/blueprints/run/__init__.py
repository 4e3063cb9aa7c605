"""Runs: `routes`, the list (`listing`), one (`screen`), what became of its contacts (`shown`) with
before and after (`changes`), the file (`csv`)."""
