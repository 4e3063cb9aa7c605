"""Privacy: how long things are kept, and whose data were erased.

erasure  erase a contact, on its modal
routes   the page for administrators
"""
