"""The queue, and the workers on it.

enqueue    put a job in, at the front, or once
registry   the functions that may be called through it
share      an environment never has all workers
together   one job for several environments
worker     a worker that outlives a Redis that is away
processes  who is alive
"""
