"""Which CRM field feeds which Spotler property.

store   read and save it; make the first one
rules   what planning needs of it
editor  as its editor shows it
sample  what the fields hold for a real contact
"""
