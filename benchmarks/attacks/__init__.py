"""What somebody or something may do to a backup from outside: each attack is made against processes, and counted.

`uv run python -m benchmarks.attacks` makes all of them and writes docs/attacks.md; tests/fault makes a few of each kind.
"""
