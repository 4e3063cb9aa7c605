"""How long what there is of people is kept, and its removal, each night in small steps.

acts      remove what is old of acts, and addresses of contacts that were unlinked
enforce   a worker's turn at a night's work
periods   what an administrator chose, or the defaults
runs      remove what runs overwrote, and later their contacts
shown     remove events, firings, previews and comparisons

Backups have their own setting (`backup/retention`), and selections go after a day.
"""
