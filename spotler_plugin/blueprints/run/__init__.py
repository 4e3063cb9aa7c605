"""Runs: `routes`, the list (`listing`), one (`screen`), its contacts (`shown`) before and after
(`changes`), the file (`csv`)."""
