"""What an LVS cluster is: frozen values without input or output.

Three truths stay apart: what keepalived's configuration says and its checkers believe (`checks`), what VRRP says
(`vrrp`), and what the kernel really does (`ipvs`, `host`). None means unknown and is never the same as 0.
"""
