"""Backups of Spotler's contacts, without input or output.

contact   one contact as it was
fault     why a row of a file is not taken over
layout    what a backup holds of each: properties, sets and permissions, by the names of then
"""
