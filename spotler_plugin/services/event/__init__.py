"""Events: what the CRM tells us, and what it leads to.

signature  whether the CRM sent a request
body       what a request says, or what is wrong with it
intake     store an event, once
inbox      one worker at a time handles an environment's events
turn       handle what is due, and make the runs that follow
judge      what an event leads to, by our own tables
relation   module fields, and a relation's primary contact
former     what became of who was the primary contact before
merge      one contact in the place of two
catch_up   what the CRM changed without telling
log        events as people see them; again; forget old ones
"""
