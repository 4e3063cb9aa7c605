"""Whether everything works.

overview  an overview of one environment
checks    one check per part
live      those of what only Redis knows
findings  what a check can find
figures   figures of all environments, for the metrics
"""
