"""Pure: values, mapping, consent, plan. No I/O, nothing of ours imported."""
