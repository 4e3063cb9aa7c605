"""Who switched which permission, and what may be written because of it.

acts      record acts, decide on them, mark those that took effect
address   which address an act was about
back      take acts back
seen      record what was switched in Spotler: sign-offs, and who came back
history   what happened to the permissions of persons
sign_off  by what a person stays signed off
person    which contact ids are one person
holders   which contact has, and had, which address
setting   what an administrator chose, and the key of the digests
digest    addresses as keyed digests
tell      tell the CRM what was signed off in Spotler
erased    who was erased, by what was kept of it
switches  the permissions as the modal shows them
"""
