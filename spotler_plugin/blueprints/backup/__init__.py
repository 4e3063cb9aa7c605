"""Back-ups: the list, one that is being made, files that are uploaded, and downloads.

routes  the screen
upload  a file that somebody has: take it in, match its columns
file    where a link leads to
screen  how it looks
"""
