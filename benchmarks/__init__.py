"""How fast and how large: programs that print ratios, measured side by side in one run.

python -m benchmarks                        # all of it, some minutes
python -m benchmarks runs --contacts 1000   # a part of it, smaller
"""
