"""Words of the automatic actions.

told    what one did for a contact, or would do
drafts  what another one changed while somebody filled it in
"""
