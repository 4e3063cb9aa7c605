"""Erase what there is of a contact, here and in Spotler, and know it again by marks alone.

advance   a worker's turn: Spotler, the backups, and once more our tables
cancel    cancel what waits for the contact
find      erasures as people see them, and what there is to erase
remains   by what its data are found, until all are gone
request   ask for an erasure, and lift one
there     let Spotler wipe its own
wipe      wipe our tables

Whether somebody was erased is told by `consent/erased`, for every plan.
"""
