"""A real LVS pair on one machine: the lab that `lvstop` is tested against.

Directors are user-mode-linux guests with systemd, sshd and keepalived on Debian root file systems; real servers and
clients are network namespaces. Nothing leaves the machine. Only the standard library is needed.

    with Lab.boot(SEED, "bookworm") as lab:
        lab.directors["keepalived1"].run("ipvsadm -Ln")

On the command line: `python -m lab --help` with `tests` on PYTHONPATH.
"""
