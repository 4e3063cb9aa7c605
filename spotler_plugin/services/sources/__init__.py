"""Where the desired state of a run comes from, when it is not the CRM alone.

by_kind  the source of a run, by its kind
restore  what linked contacts were in a backup
undo     what the contacts of a run had before it
"""
