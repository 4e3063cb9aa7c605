"""Who switched which permission, and what may be written because of it.

acts      record acts, decide on them, mark those that took effect
address   which address an act was about
back      take acts back
sign_off  record sign-offs that were seen in Spotler
person    which contact ids are one person
setting   what an administrator chose, and the key of the digests
digest    addresses as keyed digests
erased    who was erased, by what was kept of it
switches  the permissions as the modal shows them
"""
