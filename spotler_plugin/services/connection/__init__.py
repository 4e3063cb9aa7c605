"""The connection with a Spotler account, and whose account that is.

credentials  enter key and secret, prove them, read the account again, and disconnect
identity     whether a key opens the account that is known
replacement  going on with another account, or back to the one before
"""
