"""One account is one resource, whoever calls it, in whatever process.

client     the client of an environment's account, and what is noted when its key is refused
throttle   a call's turn: how fast, how many at once, for all processes together
limiter    the same as one script in Redis; enter.lua and leave.lua are the scripts
calls      calls counted by endpoint and ending, for the metrics
vitals     how calling goes: answer times, last good call, what holds it up
"""
