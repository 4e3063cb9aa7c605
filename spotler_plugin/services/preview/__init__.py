"""What a run would do, before anybody confirms it: whom (`run/whom`) × what.

request  request a preview, watch it, cancel it
undo     request one of taking a run back
restore  request one of putting a backup back
rest     request one of the rest of a run that halted
what     the source of the desired state, and what confirming changes
fresh    what is read in Spotler before the first chunk
foresee  plan some contacts by what our tables know
claims   the addresses that contacts planned before would have by then
compute  compute it, chunk by chunk
add_up   add a chunk to its numbers and examples
left_out of whom less would be done than was asked
behind   the people behind its numbers, by name
turn     the lease of the worker that computes it, and how its turn ends
approve  confirm it, which creates the run
"""
