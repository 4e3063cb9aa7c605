"""The modal of a contact.

routes  look, save, watch
screen  its form
said    what stands above that
history what happened to it
earlier the way back, for administrators; how that looks is `earlier_screen`
"""
