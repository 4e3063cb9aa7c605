"""The feed: what changes in Spotler, read into the mirror.

follow   read under the feed's lease, and record errors
page     record a page of contacts; who cannot be kept is skipped and counted
read     read the changes since the last time, or all contacts
known    find who was in Spotler before we came, by the CRM's ids
sought   find who was there by their address
windows  read a list by time windows, so that no contact is missed between pages
state    how far it was read, and the lease
"""
