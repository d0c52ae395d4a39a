"""A plan as text: what, where, from which weight to which, how long it holds, and the commands as they will be run."""

from collections.abc import Iterator, Mapping, Sequence

from textual.content import Content

from lvstop import format as fmt
from lvstop.actions.intent import Row
from lvstop.actions.plan import Objection, Plan, Remark, SharePreview
from lvstop.analysis.board import Board
from lvstop.analysis.words import count
from lvstop.model.change import FileChange, Lever, WeightChange
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.actions.words import LEVER, directors_named, row_name
from lvstop.ui.detail.paragraphs import labelled
from lvstop.ui.fitting import hanging
from lvstop.ui.table.order import server_name
from lvstop.ui.words import muted, unknown

_WEIGHT = 9
_ACTIVE = 8
_NOTHING = Content("")


def plan_lines(plan: Plan, snapshot: ClusterSnapshot, width: int) -> list[Content]:
    """Everything to know before saying yes: scope, lever and commands first, then what may take long to read."""
    change = plan.change
    touched = {each.director for each in plan.expects} or {*change.directors}
    names = [each.name for each in snapshot.directors if each.name in touched]
    lines = hanging(Content(" "), Content.assemble(("on ", "$muted"), directors_named(names, snapshot)), width)
    lines += [_NOTHING, *scope_lines(plan.expects, snapshot, width), _NOTHING]
    lines += labelled("lever", _lever(change.lever, change.files), width)
    for place, sentence in enumerate(plan.lifetime):
        lines += labelled("" if place else "lasts", Content(sentence), width)
    for objection in plan.overridden:
        lines += [_NOTHING, *_overridden(objection, width)]
    lines += [_NOTHING, *_commands(plan, width)]
    if plan.shares:
        lines += [_NOTHING, *share_lines(plan.shares, width)]
    for remark in plan.remarks:
        lines += [_NOTHING, *_remark(remark, width)]
    return lines


def _lever(lever: Lever, files: Sequence[FileChange]) -> Content:
    """What is used, and with files which ones."""
    if not files:
        return Content(LEVER[lever])
    named = dict.fromkeys(f"{each.name} ({each.path}) {each.before} → {each.after}" for each in files)
    return Content(f"{LEVER[lever]}: {', '.join(named)}")


def _remark(remark: Remark, width: int) -> Iterator[Content]:
    yield from hanging(Content.styled(" ! ", "bold $health-warning"), Content(remark.sentence), width)
    first, *more = remark.remedy.splitlines() or [""]
    if first:
        yield from hanging(muted("   → "), muted(first), width)
    # lines for a file stay as they are
    yield from (muted(f"     {line}") for line in more)


def _overridden(objection: Objection, width: int) -> list[Content]:
    text = Content.assemble((f"against {objection.code}  ", "bold $health-warning"), objection.sentence)
    return hanging(Content.styled(" ▲ ", "bold $health-warning"), text, width)


def _commands(plan: Plan, width: int) -> Iterator[Content]:
    commands = plan.commands
    if not commands:
        yield muted(" No command: only what is on record changes.")
        return
    yield muted(f" {count(len(commands), 'command')}, one after the other:")
    for command in commands:
        prompt = Content.styled(f" {command.director}# ", "$muted")
        yield from hanging(prompt, Content.styled(str(command), "$command"), width)


def scope_lines(rows: Sequence[WeightChange], snapshot: ClusterSnapshot, width: int) -> list[Content]:
    """A line for each row: its weight before and after on each director, and its established connections."""
    touched = {each.director for each in rows}
    directors = [each.name for each in snapshot.directors if each.name in touched]
    cells: dict[Row, dict[str, WeightChange]] = {}
    for each in rows:
        cells.setdefault((each.virtual_server, each.real_server), {})[each.director] = each
    widths = [max(_WEIGHT, len(name)) for name in directors]
    room = width - 3 - sum(each + 2 for each in widths) - _ACTIVE
    whole = max((len(row_name(row)) for row in cells), default=0)
    bare = max((len(str(real)) for _, real in cells), default=0)
    name = max(min(whole, room), len("REAL SERVER"))
    titles = "".join(f"  {director:>{size}}" for director, size in zip(directors, widths, strict=True))
    lines = [Content.styled(f"   {'REAL SERVER':<{name}}{titles}{'ACTIVE':>{_ACTIVE}}", "$muted")]
    active = active_connections(list(cells), snapshot)
    for row, found in cells.items():
        weights = [_weights(found.get(each), size) for each, size in zip(directors, widths, strict=True)]
        numbers = Content.assemble(*weights, f"{fmt.number(active.get(row)):>{_ACTIVE}}")
        if whole <= room:
            lines.append(Content.assemble(f"   {row_name(row):<{name}}", numbers))
        elif bare <= room:
            lines += [Content.assemble(f"   {row[1]!s:<{name}}", numbers), muted(f"     of {server_name(row[0])}")]
        else:
            names = [Content(f"   {row[1]}"), muted(f"     of {server_name(row[0])}")]
            lines += [*names, Content.assemble(" " * (name + 3), numbers)]
    return lines


def _weights(change: WeightChange | None, width: int) -> Content:
    if change is None:
        return Content.assemble("  ", " " * (width - 1), unknown())
    text = f"{change.before.weight} → {change.after}"
    style = (
        "$muted" if change.before.weight == change.after else "bold $server-drained" if change.after == 0 else "bold"
    )
    return Content.assemble("  ", " " * max(0, width - len(text)), (text, style))


def active_connections(rows: Sequence[Row], snapshot: ClusterSnapshot) -> Mapping[Row, int | None]:
    """Established connections of rows on the directors whose values stand for them."""
    board = Board.of(snapshot)
    found: dict[Row, int | None] = {}
    for row in rows:
        server = board.listing.find(row[0])
        if server is None or row[1] not in board.listing.servers[server].real_servers:
            continue
        leader = board.listing.servers[server].leader
        real = board.listing.servers[server].real_servers.index(row[1])
        known = board.row(server, real, leader) if board.snapshot.directors[leader].answers else None
        found[row] = None if known is None else known.active_connections
    return found


def share_lines(shares: Sequence[SharePreview], width: int) -> list[Content]:
    """What each real server will be getting, its virtual servers one after the other."""
    lines: list[Content] = []
    server = None
    names = max(len(str(each.real_server)) for each in shares)
    for each in shares:
        if each.virtual_server != server:
            server = each.virtual_server
            lines += labelled("" if lines else "shares", Content(f"of new connections to {server_name(server)}"), width)
        style = "$muted" if each.now == each.then else ""
        text = f"{each.real_server!s:<{names}}  {_share(each.now):>5} → {_share(each.then):>5}"
        lines.append(Content.assemble(" " * 12, (text, style)))
    return lines


def _share(part: float | None) -> str:
    return fmt.UNKNOWN if part is None else f"{part * 100:.0f} %"
