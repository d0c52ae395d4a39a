"""Schedulers, persistence and one-packet scheduling in plain sentences.

What they do is by their source in net/netfilter/ipvs of the Linux kernel.
"""

from collections.abc import Sequence

from lvstop.model.address import Family, VirtualServerKey
from lvstop.model.ipvs import VirtualServer, VirtualServerDetail

_SCHEDULERS = {
    "rr": "round robin: one real server after the other; weights other than 0 do not count",
    "wrr": "weighted round robin: connections are dealt in turn, in proportion to the weights",
    "lc": "least connections: the real server with the fewest is next; weights other than 0 do not count",
    "wlc": "weighted least connections: the real server with the fewest for its weight is next",
    "lblc": "locality-based least connections: a destination address stays with a real server until that is overloaded",
    "lblcr": "locality-based least connections: a destination address stays with a set of real servers that can grow",
    "dh": "destination hashing: the destination address decides",
    "sh": "source hashing: the client's address decides, in proportion to the weights",
    "mh": "Maglev hashing: the client's address decides, in proportion to the weights; few move when one goes",
    "sed": "shortest expected delay: the real server with the fewest active connections for its weight is next",
    "nq": "never queue: an idle real server is next, else the one with the shortest expected delay",
    "fo": "weighted failover: the greatest weight gets everything, the others stand by",
    "ovf": "weighted overflow: the greatest weight is filled up to as many active connections, then the next",
    "twos": "power of two choices: of two drawn by weight, the one with fewer connections for its weight is next",
}

_FLAGS = {
    "sh-fallback": "clients of a drained real server go to another one",
    "mh-fallback": "clients of a drained real server go to another one",
    "sh-port": "the client's port counts too",
    "mh-port": "the client's port counts too",
}

_REFUSING = {"sh": "sh-fallback", "mh": "mh-fallback", "dh": ""}
"""Schedulers that send clients to a drained real server all the same, and the flag that prevents it."""


def scheduler_sentence(scheduler: str, flags: Sequence[str] | None) -> str:
    """What a scheduler does, and what its flags change. None: the flags could not be read."""
    meaning = _SCHEDULERS.get(scheduler)
    if meaning is None:
        meaning = "a scheduler that lvstop does not know"
    parts = [f"{scheduler} – {meaning}"]
    parts += [f"{flag}: {_FLAGS.get(flag, 'a flag that lvstop does not know')}" for flag in flags or ()]
    fallback = _REFUSING.get(scheduler)
    if fallback is not None:
        if flags is None and fallback:
            parts.append("flags unknown: only root can read them")
        elif not fallback or fallback not in (flags or ()):
            without = f"without {fallback} " if fallback else ""
            parts.append(f"{without}clients of a drained real server are refused")
    return "; ".join(parts)


def persistence_sentence(server: VirtualServer, detail: VirtualServerDetail | None) -> str:
    """How long clients stay with their real server, and who counts as one client."""
    if not server.persistent:
        return "not persistent: each connection is scheduled on its own"
    seconds = server.persistence_seconds if detail is None else detail.persistence_seconds
    prefix = server.persistence_prefix if detail is None else detail.persistence_prefix
    timeout = "an unknown time" if seconds is None else f"{seconds} s"
    stays = f"{_client(server.key, prefix)} stays with its real server until {timeout} after its last new connection"
    sentence = f"persistent: {stays}"
    if detail is not None and detail.persistence_engine is not None:
        sentence += f"; told apart by the engine {detail.persistence_engine}"
    return sentence


def _client(key: VirtualServerKey, prefix: int | None) -> str:
    if prefix is None:
        return "a client (how much of its address counts is unknown)"
    whole = 128 if key.family is Family.INET6 else 32
    return "a client" if prefix == whole else f"a client's /{prefix} network"


def one_packet_sentence(server: VirtualServer, detail: VirtualServerDetail | None) -> str:
    """Whether each packet is scheduled on its own; empty where it is not."""
    one_packet = server.one_packet if detail is None else detail.one_packet
    if one_packet:
        return "one-packet: each UDP packet is scheduled on its own, so that there are no connections to count"
    return ""
