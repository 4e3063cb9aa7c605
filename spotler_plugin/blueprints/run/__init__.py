"""Runs: `routes`, the list (`listing`), one (`screen`), before and after (`changes`), the `csv`."""
