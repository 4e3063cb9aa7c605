"""Whether a process can do its work here: what `/readyz`, `flask check` and the start look at.

stores    the database, what the keys open, and Redis
partners  CRM and Spotler of each environment
"""
