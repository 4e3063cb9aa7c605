"""One contact on its screen.

view      what is known, and what CRM and Spotler say now
save      what a person changed
progress  how the saving goes
"""
