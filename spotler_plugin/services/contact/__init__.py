"""One contact on its screen.

view      what our tables have, and what CRM and Spotler answer now
save      save what a person changed
progress  how the saving goes
"""
