"""The ledger as people see it: runs and their contacts.

whom     which contacts a run is about
create   ask for a run
control  stop it, let it go on
due      which runs have something to do
close    the end of a run, whose sums must add up
retry    try contacts again
report   the list of runs, one run, its pace
items    the contacts of a run, and causes
backlog  what waits
"""
