"""Calls to one Spotler account, a resource that all processes share.

client     the client of an environment's account
proof      record that its key is refused, and when it is proved again
throttle   wait for a call's turn; without Redis, per process
limiter    the shared limits as scripts in Redis, enter.lua and leave.lua
calls      call counts by endpoint and ending, for the metrics
vitals     answer times, last successful call, what blocks calls
"""
