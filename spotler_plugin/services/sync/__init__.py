"""The engine: execute a run, chunk by chunk.

advance   a worker's turn at a run
pipeline  send one chunk while the next is prepared
claim     claim the next contacts and lease them
prepare   read, plan, store what will be overwritten
patch     change contacts in the CRM first
observed  what Spotler has
call      the call, on a thread of its own
send      send changes to Spotler, with a result for each
written   the result of a write, from Spotler's answer
renew     renew the leases meanwhile
ledger    record the results of a chunk
late      look again at what was written too late
rows      update its items
links     update its links
chunk     some contacts of a run, while they are processed
"""
