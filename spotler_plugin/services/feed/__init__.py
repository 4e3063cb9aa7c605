"""What changes in Spotler, read into the mirror.

follow   who reads now, and what becomes of what goes wrong
read     changes since the last time, or everybody
windows  a list that is asked by time, without a contact slipping between pages
state    how far it was read
"""
