"""`make soak`: the wall on a real pair for half an hour, with a random fault every 20 seconds, judged by the truth.

The truth is read on the directors' disks from outside (witness.py), not by lvstop and not over the network that the
faults break. What the wall says is read from its terminal (reading.py), as whoever stands before it reads it.
"""
