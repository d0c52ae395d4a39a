"""The embedded pair: simulated directors behind real SSH servers on loopback, for `lvstop demo`.

`world/` is what there is: kernels, VRRP, checkers, traffic. `programs/`, `commands/` and `formats/` are what a director
answers, in the words of the real thing. `server.py` is its sshd, `launch.py` puts everything up. The rest of lvstop
does not know that a director is simulated; only the command line imports this package.
"""
