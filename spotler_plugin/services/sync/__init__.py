"""The engine: carry a run out, chunk by chunk.

advance   a worker's turn at a run
pipeline  one chunk under way while the next is prepared
claim     take the next contacts and lease them
prepare   read, plan, keep what will be overwritten
desired   what contacts should be, by kind of run
observed  what Spotler has
call      the call, on a thread of its own
send      changes to Spotler, and what became of each
hold      keep the leases meanwhile
ledger    write down what happened
rows      its rows
links     the links' part of it
chunk     the contacts on their way
"""
