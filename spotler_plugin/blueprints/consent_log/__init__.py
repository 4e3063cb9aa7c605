"""Toestemmingen: who switched which permission; as a list, as a file, and one person's on paper.

routes  the list and the file
screen  how the list looks
csv     the file
sheet   the proof sheet, in a tab of its own
"""
