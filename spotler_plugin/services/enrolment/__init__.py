"""Automations that a contact is put into; each start leaves once at most.

request   ask for starts, settle and drop them
start     call Spotler
switches  the automations as the modal shows them
"""
