"""Whether everything works.

overview  an overview of one environment
checks    one check per part
findings  what a check can find
figures   figures of all environments, for the metrics
"""
