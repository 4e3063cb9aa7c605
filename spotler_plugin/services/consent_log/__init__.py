"""The acts of all contacts, as an administrator looks them up and takes them along.

people   whom a text means, and what people are called
acts     what is shown of an act
search   which acts, page by page or all of them
origin   what led to an act: a run, an automatic action, an event
sheet    all that is known of one person's permissions, on one sheet
"""
