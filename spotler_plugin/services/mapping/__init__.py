"""The mapping: which CRM field feeds which Spotler property.

store   read and save it; make the first one
rules   what planning needs of it
editor  the mapping as its editor shows it
sample  values of a real contact, to recognise the fields by
"""
