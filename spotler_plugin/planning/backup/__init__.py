"""Backups of Spotler's contacts, without input or output.

cells     values in the cells of a CSV, so that a spreadsheet leaves them alone
contact   one contact as it was
damage    what a spreadsheet did to a value
fault     why a row of a file is not taken over
layout    what a backup holds of each: properties, sets and permissions, by the names of then
reading   read the rows of a file
sheet     the columns of a backup's CSV
values    what a cell means, by what its column is
"""
