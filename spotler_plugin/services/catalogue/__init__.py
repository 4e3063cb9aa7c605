"""The catalogue: the account's properties, permissions and automations, and the CRM's fields, as
they were last read.

fetch        read it from Spotler and the CRM
store        store what was read, and mark what vanished
offer        what the account offers, read again when Spotler refuses something
due          when it was read, and when it is due again
fields       the CRM's fields, and which of them hold the address and the name
properties   the account's properties
permissions  the account's permissions
fingerprint  whether it is still the same
automations  automations and campaigns, listed by Spotler or typed in
"""
