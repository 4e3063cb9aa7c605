"""The operations of the product, a room per noun; no Flask request, no queue.

A room imports rooms further left only, and `tests/test_layers.py` checks it:

    actor backoff contact_id environment launch lease pagination waiting
    → account catalogue link selection → mapping consent enrolment → desired identity mirror
    → feed run → connection sync contact → preview automatic_action → event → health

A service that calls the CRM or Spotler commits first, so that no transaction is open meanwhile.
In all other rooms the caller commits.
"""
