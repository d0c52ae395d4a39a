"""What can be broken and mended, by name: for scenarios' events and for the demo's panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

from lvstop.demo.world.conf import ClusterConf, DirectorConf, EventConf, RealServerConf, VirtualServerConf
from lvstop.demo.world.rows import kernel_key
from lvstop.demo.world.table import NoSuchDestinationError, NoSuchServiceError, Setting
from lvstop.model.address import IPAddress

if TYPE_CHECKING:
    from lvstop.demo.world.world import World

Happening = Callable[["World"], None]
_Compiler = Callable[[ClusterConf, Sequence[str]], Happening]


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be done to a cluster.

    Attributes:
        name: as a scenario's event calls it.
        target: the words it is done to, in the order in which they are written.
    """

    name: str
    target: tuple[str, ...]
    compile: _Compiler


@dataclass(frozen=True, slots=True)
class Switch:
    """Something that can be broken where it is whole, and mended where it is broken.

    Attributes:
        key: tells it apart, and stays the same.
        group: what sort of thing it is.
        name: what it is called.
        state: how it is, in one or two words.
        broken: it is not as it should be.
        does: what flipping it would do.
    """

    key: str
    group: str
    name: str
    state: str
    broken: bool
    does: str
    event: EventConf


def compile_event(conf: ClusterConf, event: EventConf) -> Happening:
    """What an event does.

    Raises:
        ValueError: there is no such action, or nothing in the cluster that it could be done to.
    """
    action = ACTIONS.get(event.action)
    if action is None:
        raise ValueError(f"{event.action!r} is none of {', '.join(ACTIONS)}")
    words = event.target.split()
    needed = [word for word in action.target if not word.startswith("[")]
    if not len(needed) <= len(words) <= len(action.target):
        raise ValueError(f"{action.name} needs {' '.join(action.target) or 'no target'}, not {event.target!r}")
    return action.compile(conf, words)


def switches(world: World) -> tuple[Switch, ...]:
    """Everything of a cluster that can be flipped, in an order that stays the same."""
    found = [_link(world), _flood(world)]
    for director in world.directors:
        found.append(_power(world, director.name))
        found.append(_keepalived(world, director.name))
        found.append(_storm(world, director.name))
    for host in world.real_hosts:
        broken = not host.up or bool(host.closed)
        state = "off" if not host.up else "service down" if host.closed else "serving"
        found.append(_switch("real server", str(host.address), state, "real-server", broken=broken))
    return tuple(found)


def flip(world: World, switch: Switch) -> None:
    """Break or mend it."""
    compile_event(world.conf, switch.event)(world)


def _link(world: World) -> Switch:
    does = "cut-link" if world.link_up else "mend-link"
    state = "whole" if world.link_up else "cut"
    return Switch("link", "link", "VRRP link", state, not world.link_up, does, EventConf(0, does))


def _flood(world: World) -> Switch:
    does, target = ("calm", "") if world.flooding else ("flood", "5 120")
    state = "flood" if world.flooding else "as usual"
    return Switch("clients", "clients", "clients", state, world.flooding, does, EventConf(0, does, target))


def _power(world: World, name: str) -> Switch:
    on = world.director(name).powered
    does = "kill-director" if on else "boot-director"
    return Switch(f"power {name}", "director", name, "on" if on else "off", not on, does, EventConf(0, does, name))


def _keepalived(world: World, name: str) -> Switch:
    director = world.director(name)
    runs = director.powered and director.keepalived.running
    does = "stop-keepalived" if runs else "start-keepalived"
    state = "running" if runs else "stopped" if director.powered else "no power"
    return Switch(f"keepalived {name}", "keepalived", name, state, not runs, does, EventConf(0, does, name))


def _storm(world: World, name: str) -> Switch:
    on = world.director(name).storm
    does = "end-storm" if on else "storm"
    state = "packet storm" if on else "as usual"
    return Switch(f"storm {name}", "machine", name, state, on, does, EventConf(0, does, name))


def _switch(group: str, name: str, state: str, noun: str, *, broken: bool) -> Switch:
    does = f"start-{noun}" if broken else f"stop-{noun}"
    return Switch(f"{noun} {name}", group, name, state, broken, does, EventConf(0, does, name))


# what the words mean


def _director(conf: ClusterConf, word: str) -> DirectorConf:
    for each in conf.directors:
        if each.name == word:
            return each
    raise ValueError(f"there is no director {word!r}; there are {', '.join(each.name for each in conf.directors)}")


def _address(conf: ClusterConf, word: str) -> IPAddress:
    known = {real.key.address for director in conf.directors for _, real in _rows(director)}
    try:
        address = ip_address(word)
    except ValueError:
        raise ValueError(f"{word!r} is not an IPv4 or IPv6 address") from None
    if address not in known:
        raise ValueError(f"there is no real server {address}")
    return address


def _rows(director: DirectorConf) -> list[tuple[VirtualServerConf, RealServerConf]]:
    return [(server, real) for server in director.keepalived.virtual_servers for real in server.real_servers]


def _row(conf: ClusterConf, words: Sequence[str]) -> tuple[str, VirtualServerConf, RealServerConf]:
    director = _director(conf, words[0])
    for server, real in _rows(director):
        if (str(server.key), str(real.key)) == (words[1], words[2]):
            return director.name, server, real
    raise ValueError(f"{director.name} has no real server {words[2]} of {words[1]}")


def _number(word: str) -> int:
    try:
        return int(word)
    except ValueError:
        raise ValueError(f"{word!r} is not a whole number") from None


def _positive(word: str) -> float:
    try:
        number = float(word)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise ValueError(f"{word!r} is not a number above 0")
    return number


# what happens


def _nothing_needed(happening: Happening) -> _Compiler:
    return lambda conf, words: happening


def _to_director(happening: Callable[[World, str], None]) -> _Compiler:
    def compiled(conf: ClusterConf, words: Sequence[str]) -> Happening:
        name = _director(conf, words[0]).name
        return lambda world: happening(world, name)

    return compiled


def _to_real_server(happening: Callable[[World, IPAddress, int | None], None]) -> _Compiler:
    def compiled(conf: ClusterConf, words: Sequence[str]) -> Happening:
        address = _address(conf, words[0])
        port = _number(words[1]) if len(words) > 1 else None
        return lambda world: happening(world, address, port)

    return compiled


def _to_path(happening: Callable[[World, str, IPAddress], None]) -> _Compiler:
    def compiled(conf: ClusterConf, words: Sequence[str]) -> Happening:
        name, address = _director(conf, words[0]).name, _address(conf, words[1])
        return lambda world: happening(world, name, address)

    return compiled


def _set_file(conf: ClusterConf, words: Sequence[str]) -> Happening:
    director, number = _director(conf, words[0]), _number(words[2])
    paths = [each.path for each in director.keepalived.track_files]
    if words[1] not in paths:
        raise ValueError(f"{director.name} tracks no file {words[1]}; it tracks {', '.join(paths) or 'none'}")
    return lambda world: world.director(director.name).set_file(words[1], f"{number}\n")


def _set_weight(conf: ClusterConf, words: Sequence[str]) -> Happening:
    name, server, real = _row(conf, words)
    key = kernel_key(server, real)
    setting = Setting(real.forwarding, _number(words[3]), real.upper_threshold, real.lower_threshold, real.tunnel)

    def happening(world: World) -> None:
        _by_hand(world, name, lambda: world.director(name).edit_destination(server.key, key, setting))

    return happening


def _delete_row(conf: ClusterConf, words: Sequence[str]) -> Happening:
    name, server, real = _row(conf, words)
    key = kernel_key(server, real)

    def happening(world: World) -> None:
        _by_hand(world, name, lambda: world.director(name).table.delete_destination(server.key, key))

    return happening


def _by_hand(world: World, name: str, change: Callable[[], None]) -> None:
    """Somebody uses ipvsadm; on a director that is off, or without that row, he fails, and nothing happens."""
    if not world.director(name).powered:
        return
    try:
        change()
    except (NoSuchServiceError, NoSuchDestinationError) as error:
        world.director(name).log("root", 0, f"ipvsadm: {error}")


def _interface(*, up: bool) -> _Compiler:
    def compiled(conf: ClusterConf, words: Sequence[str]) -> Happening:
        director = _director(conf, words[0])
        names = [each.name for each in director.interfaces]
        if words[1] not in names:
            raise ValueError(f"{director.name} has no interface {words[1]}; it has {', '.join(names)}")
        return lambda world: world.director(director.name).set_interface(words[1], up=up)

    return compiled


def _set_priority(conf: ClusterConf, words: Sequence[str]) -> Happening:
    director, priority = _director(conf, words[0]), _number(words[2])
    if words[1] not in [each.name for each in director.keepalived.instances]:
        raise ValueError(f"{director.name} has no VRRP instance {words[1]!r}")
    if not 1 <= priority <= 254:
        raise ValueError(f"{priority} is no priority: from 1 to 254")

    def happening(world: World) -> None:
        world.director(director.name).set_priority(words[1], priority)
        world.director(director.name).reload_keepalived()

    return happening


def _flood_by(conf: ClusterConf, words: Sequence[str]) -> Happening:
    factor, seconds = _positive(words[0]), _positive(words[1])
    return lambda world: world.flood(factor, seconds)


_DIRECTOR, _REAL = ("DIRECTOR",), ("ADDRESS", "[PORT]")
_ROW = ("DIRECTOR", "VIRTUAL_SERVER", "REAL_SERVER")
_PATH = ("DIRECTOR", "ADDRESS")
ACTIONS: dict[str, Action] = {
    action.name: action
    for action in (
        Action("cut-link", (), _nothing_needed(lambda world: world.cut_link())),
        Action("mend-link", (), _nothing_needed(lambda world: world.mend_link())),
        Action("calm", (), _nothing_needed(lambda world: world.calm())),
        Action("flood", ("FACTOR", "SECONDS"), _flood_by),
        Action("stop-real-server", _REAL, _to_real_server(lambda world, *to: world.stop_real_server(*to))),
        Action("start-real-server", _REAL, _to_real_server(lambda world, *to: world.start_real_server(*to))),
        Action("hide-real-server", _PATH, _to_path(lambda world, *to: world.hide_real_server(*to))),
        Action("show-real-server", _PATH, _to_path(lambda world, *to: world.show_real_server(*to))),
        Action("kill-director", _DIRECTOR, _to_director(lambda world, name: world.kill_director(name))),
        Action("boot-director", _DIRECTOR, _to_director(lambda world, name: world.boot_director(name))),
        Action("stop-keepalived", _DIRECTOR, _to_director(lambda world, name: world.director(name).stop_keepalived())),
        Action(
            "start-keepalived", _DIRECTOR, _to_director(lambda world, name: world.director(name).start_keepalived())
        ),
        Action(
            "reload-keepalived", _DIRECTOR, _to_director(lambda world, name: world.director(name).reload_keepalived())
        ),
        Action("crash-keepalived", _DIRECTOR, _to_director(lambda world, name: world.director(name).keepalived.kill())),
        Action("storm", _DIRECTOR, _to_director(lambda world, name: world.director(name).set_storm(on=True))),
        Action("end-storm", _DIRECTOR, _to_director(lambda world, name: world.director(name).set_storm(on=False))),
        Action("pull-cable", ("DIRECTOR", "INTERFACE"), _interface(up=False)),
        Action("plug-cable", ("DIRECTOR", "INTERFACE"), _interface(up=True)),
        Action("set-file", ("DIRECTOR", "PATH", "NUMBER"), _set_file),
        Action("set-weight", (*_ROW, "WEIGHT"), _set_weight),
        Action("delete-row", _ROW, _delete_row),
        Action("set-priority", ("DIRECTOR", "INSTANCE", "PRIORITY"), _set_priority),
    )
}
"""All of them, by name."""
