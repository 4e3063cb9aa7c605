"""The mirror: what Spotler last told us about its contacts.

read     read the mirror
look_up  ask Spotler for one contact
again    ask it for who has an address, as far as we knew
name     names as people look for them
merge    merge a page of contacts into rows, in memory
record   load and store those rows
write    update the mirror after our own writes
close    mark contacts as inactive: by bounces, refusals, and our own doing
"""
