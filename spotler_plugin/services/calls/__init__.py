"""The calls to both sides as Redis remembers them: how many, how they ended, how long they took.

count   all calls to one side, for the metrics
crm     how the calls to an environment's CRM go
figure  read what Redis keeps
"""
