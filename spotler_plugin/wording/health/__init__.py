"""Words of the overview: what each check is called, what was found, and what to do.

checks    names, marks, moments, and all of them in one sentence
findings  what was found
account   what was found of the account at Spotler
"""
