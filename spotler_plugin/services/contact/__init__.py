"""One contact on its screen.

view      what our tables have, and what CRM and Spotler answer now
save      save what a person changed
known     who was in Spotler before we came
progress  how the saving goes
earlier   the runs and backups by which it can be put back
"""
