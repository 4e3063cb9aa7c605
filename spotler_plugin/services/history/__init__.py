"""What happened to one contact, from our own tables: the answer to "waarom staat dit zo?".

page      the newest lines of all sources, and those before a place
line      which lines are wanted, and a line as a source tells it
acts      who switched a permission, and whose an address is
erasures  that its data were erased, and that it may be linked again
items     what runs did with the contact, or why they did not
starts    automations that were asked for
told      what the CRM told, and automatic actions that fired
"""
