"""Backups of Spotler's contacts: what is kept, and how it is read again.

chunks     keep contacts in chunks, each contact once
request    ask for a backup, stop it, delete it; what runs must know of the first one
retention  how long each is kept, and which are made by themselves
rows       read the contacts of a complete backup: all, or some by external id or address
seal       encrypt and compress with a backup's own key
turn       the lease of the worker that makes one, and how it ends

How an account is read into one is in `services/capture`.
"""
