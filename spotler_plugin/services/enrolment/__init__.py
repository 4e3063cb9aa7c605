"""Automation starts of contacts; each is sent once at most.

request   ask for starts, drop them, and record how they ended
start     call Spotler
switches  the automations as the modal shows them
"""
