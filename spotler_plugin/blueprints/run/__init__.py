"""Runs: `routes`, the list (`listing`), one (`screen`), its contacts (`shown`) with before and after
(`changes`), the file (`csv`)."""
