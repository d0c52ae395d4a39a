"""The truth about a director, read by hand: with its own tools, and with as little code as possible.

Nothing here uses the product's parsers: it is what the product is compared with.
"""

import json
import shlex
from typing import Any

from lab.director import Director

Row = dict[str, Any]

_PROTOCOLS = {"-t": "TCP", "-u": "UDP", "--sctp-service": "SCTP"}
_FORWARDING = {"-g": "Route", "-m": "Masq", "-i": "Tunnel"}


def fwmark(text: str) -> int:
    """ipvsadm prints a mark as a signed number."""
    return int(text) % 2**32


def listed(text: str) -> dict[tuple[str, str], list[str]]:
    """Any `ipvsadm -Ln …` listing: (virtual server, real server or "") → what stands behind it."""
    rows: dict[tuple[str, str], list[str]] = {}
    service = ""
    for line in text.splitlines():
        words = line.split()
        if not words or words[0] in ("IP", "Prot") or words[:2] == ["->", "RemoteAddress:Port"]:
            continue
        if words[0] == "->":
            rows[service, words[1]] = words[2:]
        elif words[0] == "FWM":
            inet6 = words[2:3] == ["IPv6"]
            service = f"FWM {fwmark(words[1])} {'inet6' if inet6 else 'inet'}"
            rows[service, ""] = words[3 if inet6 else 2 :]
        else:
            service = f"{words[0]} {words[1]}"
            rows[service, ""] = words[2:]
    return rows


def split_endpoint(text: str) -> tuple[str, int]:
    """`[fd00::1]:80` and `10.0.0.1:80`."""
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def saved(text: str) -> tuple[dict[str, Row], dict[tuple[str, str], Row]]:
    """`ipvsadm -Sn`: virtual servers, and real servers, as dictionaries named like the JSON's fields."""
    services: dict[str, Row] = {}
    destinations: dict[tuple[str, str], Row] = {}
    for line in text.splitlines():
        words = shlex.split(line)
        options = dict(zip(words, [*words[1:], ""], strict=True))
        flag = next(word for word in words if word in (*_PROTOCOLS, "-f"))
        if flag == "-f":
            mark, family = fwmark(options["-f"]), "inet6" if "-6" in words else "inet"
            name = f"FWM {mark} {family}"
            key: Row = {"protocol": "FWM", "address": None, "port": None, "fwmark": mark, "family": family}
        else:
            name = f"{_PROTOCOLS[flag]} {options[flag]}"
            address, port = split_endpoint(options[flag])
            family = "inet6" if ":" in address else "inet"
            key = {"protocol": _PROTOCOLS[flag], "address": address, "port": port, "fwmark": None, "family": family}
        if words[0] == "-A":
            services[name] = {
                **key,
                "scheduler": options["-s"],
                "scheduler_flags": sorted(options["-b"].split(",")) if "-b" in words else [],
                "persistent": "-p" in words,
                "persistence_seconds": int(options.get("-p", "0")),
                "persistence_prefix": _prefix(options, family) if "-p" in words else None,
                "persistence_engine": options.get("--pe"),
                "one_packet": "-o" in words,
            }
        else:
            # `-f 7 -r …` of the IPv6 service of a mark carries no -6 either: the address tells
            real = options["-r"]
            if flag == "-f" and "[" in real:
                name = f"FWM {fwmark(options['-f'])} inet6"
            destinations[name, real] = {"tunnel": _tunnel(options)}
    return services, destinations


def _prefix(options: dict[str, str], family: str) -> int:
    """`-M 255.255.255.0`, `-M 64`; without it a client is one address."""
    mask = options.get("-M")
    if mask is None:
        return 32 if family == "inet" else 128
    return int(mask) if mask.isdigit() else sum(int(octet).bit_count() for octet in mask.split("."))


def _tunnel(options: dict[str, str]) -> str | None:
    kind = options.get("--tun-type")
    if kind is None:
        return None
    if kind == "ipip":
        return "ipip"
    checksum = next(word for word in ("csum", "nocsum", "remcsum") if f"--tun-{word}" in options)
    return ":".join([kind, *([options["--tun-port"]] if "--tun-port" in options else []), checksum])


def _counters(words: list[str]) -> Row:
    names = ("connections", "in_packets", "out_packets", "in_bytes", "out_bytes")
    return dict(zip(names, map(int, words[:5]), strict=True))


def ipvs_table(director: Director) -> dict[str, Row]:
    """The kernel's table with all that ipvsadm tells, in the words of the JSON; real servers under `real_servers`."""
    plain = listed(director.output("ipvsadm -Ln"))
    stats = listed(director.output("ipvsadm -Ln --stats --exact"))
    rates = listed(director.output("ipvsadm -Ln --rate --exact"))
    thresholds = listed(director.output("ipvsadm -Ln --thresholds"))
    persistent = listed(director.output("ipvsadm -Ln --persistent-conn"))
    services, destinations = saved(director.output("ipvsadm -Sn"))
    table: dict[str, Row] = {}
    for name, service in services.items():
        real_servers: dict[str, Row] = {}
        for (owner, real), words in plain.items():
            if owner != name or not real:
                continue
            address, port = split_endpoint(real)
            real_servers[real] = {
                "address": address,
                "port": port,
                "forwarding": words[0],
                "weight": int(words[1]),
                "active_connections": int(words[2]),
                "inactive_connections": int(words[3]),
                "persistent_connections": int(persistent[name, real][1]),
                "upper_threshold": int(thresholds[name, real][0]),
                "lower_threshold": int(thresholds[name, real][1]),
                "tunnel": destinations[name, real]["tunnel"],
                "counters": _counters(stats[name, real]),
                "rates": _counters(rates[name, real]),
            }
        table[name] = {
            **service,
            "counters": _counters(stats[name, ""]),
            "rates": _counters(rates[name, ""]),
            "real_servers": real_servers,
        }
    return table


def addresses(director: Director) -> set[tuple[str, int, str]]:
    """Every address: itself, its prefix length, its interface."""
    links = json.loads(director.output("ip -j addr"))
    return {(a["local"], a["prefixlen"], link["ifname"]) for link in links for a in link.get("addr_info", ())}


def vrrp(director: Director) -> dict[str, dict[str, Row]]:
    """keepalived's JSON, asked for and read by hand: `data` and `stats` by the name of the instance."""
    script = """
        pid=$(cat /run/keepalived.pid); before=$(stat -c %i /tmp/keepalived.json 2>/dev/null)
        kill -"$(keepalived --signum=JSON)" "$pid"
        until [ "$(stat -c %i /tmp/keepalived.json 2>/dev/null)" != "$before" ]; do sleep 0.05; done
        python3 -c 'import json,time
while True:
    try: print(json.dumps(json.load(open("/tmp/keepalived.json")))); break
    except ValueError: time.sleep(0.01)'
    """
    dump = json.loads(director.output(script))
    return {entry["data"]["iname"]: entry for entry in dump}
