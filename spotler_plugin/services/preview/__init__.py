"""What a run would do, before anybody decides on it: whom (`run/whom`) × what.

request  ask for one, watch it, stop it
what     where the desired state comes from, and what agreeing changes
compute  work it out
turn     who works it out now
approve  agree, and make the run
"""
