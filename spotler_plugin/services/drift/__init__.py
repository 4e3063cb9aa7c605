"""Both sides compared: CRM, mapping, mirror and Spotler as they are now; nothing is written.

request     ask for a comparison, each night as well; stop it, and forget old ones
setting     what an administrator chose
advance     take a turn at it
turn        the lease of the worker at it, and how its turn ends
reading     read all of Spotler, which also tells where the mirror was wrong
comparing   read the linked contacts from the CRM, and compare
asking      ask Spotler for those that the reading did not show
others      those in Spotler that are not linked
difference  in what a contact differs, and which side probably changed
written     what we last wrote
rows        the rows of who differs
report      what came of it, and how far one under way is
items       who differs, as people see it
choice      some of them as a selection, to be synchronised
"""
