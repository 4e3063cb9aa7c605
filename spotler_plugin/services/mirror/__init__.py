"""What Spotler last told us about its contacts.

read     what is known
look_up  ask Spotler for one contact
merge    what a page of contacts makes of the rows, by rule
record   write that down
write    follow our own writes, bounces and refusals
"""
