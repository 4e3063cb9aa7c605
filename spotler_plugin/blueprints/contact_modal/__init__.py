"""The modal of a contact.

routes  look, save, watch
screen  its form
said    what stands above that
history what happened with each switch
earlier the way back, for administrators; how that looks is `earlier_screen`
"""
