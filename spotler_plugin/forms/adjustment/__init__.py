"""What is asked for many contacts at once, as a person fills it in.

crm_fields  a control for each type of field of the CRM
switches    permissions with their grounds, and automations to start
mutation    a bulk mutation
"""
