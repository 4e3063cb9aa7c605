"""Backups of Spotler's contacts: what is kept, and how it is read again.

chunks     keep contacts in chunks, each contact once
rows       read the contacts of a complete backup: all, or some by external id or address
seal       encrypt and compress with a backup's own key
"""
