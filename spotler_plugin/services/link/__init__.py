"""The tie between a CRM contact and its Spotler contact.

status   how a contact stands
tie      who answers to our ids, and who no longer does
lease    who writes a contact now
address  who may have an e-mail address
"""
