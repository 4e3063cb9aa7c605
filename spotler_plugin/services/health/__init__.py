"""Whether everything works.

overview  an environment in one glance
checks    one check per part, with a finding
findings  what a check can find
figures   all environments in numbers, for the metrics
"""
