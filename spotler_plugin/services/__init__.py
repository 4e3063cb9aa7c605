"""The verbs of the product, a room per noun; no request, no queue.

A room imports rooms further left only, and `tests/test_layers.py` says so:

    actor backoff environment launch lease pagination → account catalogue link → mapping consent
    enrolment → connection mirror → feed run → sync contact health → preview

Whoever calls out ends the transaction before, so that nobody waits meanwhile: they commit. In all
other rooms the caller does.
"""
