"""Runs as people see them, with their items; `sync` executes them.

whom     which contacts a run is about
create   create a run
control  stop a run, or resume it
lock     how work and changes of a run exclude each other
turn     what contacts wait for: an older run, or another try
limit    what it empties and switches off, against what was agreed to
due      which runs have work to do
close    close a run; its counts must add up
retry    try contacts again
undo     what can be taken back
report   the list of runs, one run, its pace
items    the contacts of a run, and causes
people   whom or what a run is about; who is meant, where Spotler never had them
backlog  what waits
"""
