"""`ip -j addr` of iproute2."""

from lvstop.demo.commands import Said
from lvstop.demo.director import Director
from lvstop.demo.formats.addresses import ip_addr_json


def ip_json_addr(director: Director) -> Said:
    """Every address with its interface."""
    return Said(ip_addr_json(director.interfaces))
