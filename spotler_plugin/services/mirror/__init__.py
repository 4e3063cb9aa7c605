"""The mirror: what Spotler last told us about its contacts.

read     read the mirror
look_up  ask Spotler for one contact
name     names as people look for them
merge    merge a page of contacts into rows, in memory
record   load and store those rows
write    update the mirror after our own writes
close    mark contacts as inactive: by bounces, refusals, and our own doing
"""
