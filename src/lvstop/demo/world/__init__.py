"""A simulated LVS cluster: two directors, their real servers and clients. Pure, seeded, stepped by a passed clock.

    conf.py       what stands in keepalived.conf and on the machines: frozen
    table.py      the IPVS table of one director; connections.py its connections, scheduling.py who gets the next one
    vrrp.py       VRRP instances as keepalived runs them; election.py what they do with each other's adverts
    checkers.py   keepalived's health checkers, which write to the table
    keepalived.py the daemon as a whole: start, stop, reload, kill
    traffic.py    clients
    host.py       addresses, interfaces, load
    director.py   one machine; world.py all of them, and what can be broken and mended

Seconds are those of the world, from 0 at its beginning; `World.wall` makes moments of them.
"""
