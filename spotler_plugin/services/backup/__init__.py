"""Backups of Spotler's contacts: what is kept, how it is read again, and as a file.

chunks     keep contacts in chunks, each contact once
download   links by which one is downloaded, once, and who did
encoding   how the bytes of a file are text
erase      take a contact out of those that there are
find       backups as people see them
pieces     a file that is kept in pieces, and its rows
read_in    make one of the rows of a file
request    ask for a backup, stop it, delete it; what runs must know of the first one
retention  how long each is kept, and which are made by themselves
rows       read the contacts of a complete backup: all, or some by external id or address
seal       encrypt and compress with a backup's own key
turn       the lease of the worker that makes one, and how it ends
upload     take a file in, and see what its columns may be

How an account is read into one is in `services/capture`.
"""
