"""What there is to choose from: the account's properties, permissions and automations, and the
CRM's fields, as they were last read.

fetch        read both sides
store        keep what was read; what vanished is marked
fields       the CRM's fields, and which of them say who a contact is
properties   the account's properties
permissions  the account's permissions
automations  automations and campaigns, listed by Spotler or typed in
"""
