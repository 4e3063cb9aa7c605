"""Automatic actions: what happens to a contact when its sale reaches a sales phase.

edit     list, save, switch off and delete them
choices  what they can switch and start
fire     record that one fired, once for each transition
advance  carry a firing out: the CRM first, then a run of one contact
retry    which firings are due, and a retry by hand
history  what fired, for whom, and what became of it
try_out  what one would do with a contact now
"""
