"""One contact on its screen.

standing  what our tables have
glance    what the CRM says of who is not linked
view      what CRM and Spotler answer now
first     what a first link leaves in Spotler
shared    who else has the address, and whose it is
save      save what a person changed
known     who was in Spotler before we came
listing   who is linked, and whose last attempt went wrong
names     what contacts are called
progress  how the saving goes
earlier   the runs and backups by which it can be put back
"""
