"""How a drain could be made to last: the lines of keepalived.conf that give real servers a track file."""

from collections.abc import Iterator, Sequence

from lvstop.actions.intent import Row
from lvstop.actions.levers import DURABLE_SINCE, NoFileLever, keepalived_version
from lvstop.actions.plan import Remark
from lvstop.actions.view import View
from lvstop.analysis.words import listing
from lvstop.model.address import VirtualServerKey

_MOST_ROWS = 8


def make_it_durable(view: View, rows: Sequence[Row], found: NoFileLever) -> tuple[Remark, ...]:
    """Why the kernel's table has to do, and what it takes to do better."""
    sentence = f"keepalived is not told of it: {found.reason}."
    versions = {each.name: keepalived_version(each) for each in view.reachable}
    old = [name for name, version in versions.items() if version is not None and version < DURABLE_SINCE]
    if old:
        remedy = f"A drain that lasts needs keepalived 2.2.0 or newer on {listing(old)}, and a FILE_CHECK."
        return (Remark(sentence, remedy),)
    if not found.configurable:
        unread = any(director.checks is None for director in view.reachable)
        return (
            Remark(sentence, "Once they have been, there may be a track file that lasts longer." if unread else ""),
        )
    lines = "\n".join(file_check_lines(view, rows))
    return (Remark(sentence, f"A drain that lasts needs these lines in keepalived.conf of every director:\n{lines}"),)


def file_check_lines(view: View, rows: Sequence[Row]) -> Iterator[str]:
    """The lines to add; blocks of virtual and real servers are those that are there already.

    A real server that is drained everywhere gets one file, so that it can be drained everywhere with one number.
    """
    shown = rows[:_MOST_ROWS]
    names = {row: _file_name(view, row, rows) for row in shown}
    for name in dict.fromkeys(names.values()):
        yield f"track_file {name} {{"
        yield f"    file /etc/keepalived/{name}"
        yield "    init_file 0"
        yield "}"
    for virtual_server in dict.fromkeys(row[0] for row in shown):
        yield f"virtual_server {_service(virtual_server)} {{"
        for row in shown:
            if row[0] == virtual_server:
                port = f" {row[1].port}" if row[1].port else ""
                yield f"    real_server {row[1].address}{port} {{"
                yield "        FILE_CHECK {"
                yield f"            track_file {names[row]}"
                yield "            weight -65535"
                yield "        }"
                yield "    }"
        yield "}"
    if len(rows) > len(shown):
        yield f"# and likewise for {len(rows) - len(shown)} more"


def _file_name(view: View, row: Row, rows: Sequence[Row]) -> str:
    address, port = row[1].address, row[1].port
    name = f"drain-{address}".replace(":", "-")
    everywhere = all(other in rows for other in view.listed if other[1].address == address)
    return name if everywhere else f"{name}-{port}"


def _service(key: VirtualServerKey) -> str:
    return f"fwmark {key.fwmark}" if key.address is None else f"{key.address} {key.port}"
