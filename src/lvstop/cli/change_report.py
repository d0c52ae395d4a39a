"""Plans, refusals, outcomes and drains as text."""

from collections.abc import Iterator, Sequence

from lvstop import format as fmt
from lvstop.actions.outcome import Outcome, OutcomeKind
from lvstop.actions.plan import Objection, Plan, Remark, SharePreview
from lvstop.analysis.draining import DrainProgress, RowProgress, Safety
from lvstop.analysis.words import age, count, listing
from lvstop.cli.table import labelled, lay_out
from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.change import Change, ChangeKind, FileChange

_HEADING = {ChangeKind.DRAIN: "drain", ChangeKind.RESTORE: "restore", ChangeKind.WEIGHT: "change the weight of"}


def plan_text(plan: Plan) -> str:
    """Everything that is to be known before saying yes: the scope first, the commands last, as they will be run."""
    change = plan.change
    lines = [f"{change_words(change)} of {change.cluster} ({change.id})", "", *_scope(plan), ""]
    lines += labelled("lever", [str(change.lever), *_files(change.files)])
    lines += labelled("lasts", plan.lifetime)
    lines += labelled("reason", [change.reason] if change.reason else ())
    lines += labelled("until", [fmt.moment(change.until)] if change.until else ())
    lines += labelled("note", [line for remark in plan.remarks for line in _remark(remark)])
    lines += labelled("shares", _shares(plan.shares))
    lines += labelled("overrides", [f"{each.code}: {each.sentence}" for each in plan.overridden])
    commands = plan.commands
    if commands:
        lines += ["", f"  {count(len(commands), 'command')}, one after the other:"]
        lines += [f"    {command.director}# {command}" for command in commands]
    else:
        lines += ["", "  no command: only what is on record changes"]
    return "\n".join(lines) + "\n"


def _whom(change: Change) -> str:
    return listing(dict.fromkeys(real for _, real in change.rows), most=3)


def _scope(plan: Plan) -> Iterator[str]:
    """A line for each row on each director. What is the same as above is not repeated."""
    rows: list[tuple[str, ...]] = [("  real server", "virtual server", "director", "weight")]
    above: tuple[VirtualServerKey, RealServerKey] | None = None
    ordered = sorted(plan.expects, key=lambda each: (each.virtual_server.sort_key, each.real_server.sort_key))
    for each in ordered:
        row = (each.virtual_server, each.real_server)
        names = ("", "") if row == above else (str(each.real_server), str(each.virtual_server))
        above = row
        rows.append((f"  {names[0]}", names[1], each.director, f"{each.before.weight} → {each.after}"))
    yield from lay_out(rows)


def _files(files: Sequence[FileChange]) -> Iterator[str]:
    for each in files:
        yield f"{each.name} ({each.path} on {each.director}) {each.before} → {each.after}"


def _remark(remark: Remark) -> Iterator[str]:
    yield remark.sentence
    if remark.remedy:
        first, *rest = remark.remedy.split("\n")
        yield f"→ {first}"
        yield from (f"  {line}" for line in rest)


def _shares(shares: Sequence[SharePreview]) -> list[str]:
    rows = [
        (f"{each.real_server} of {each.virtual_server}", f"{_percent(each.now)} → {_percent(each.then)}")
        for each in shares
    ]
    return lay_out(rows)


def _percent(part: float | None) -> str:
    return fmt.UNKNOWN if part is None else f"{part * 100:.0f} %"


def refusal_text(objections: Sequence[Objection]) -> str:
    """Why nothing was done, and what could be insisted against."""
    lines = ["refused; nothing was touched:"]
    for each in objections:
        hint = "; --force --reason TEXT overrides it" if each.overridable else ""
        lines.append(f"  ✖ {each.sentence} ({each.code}{hint})")
    return "\n".join(lines) + "\n"


def outcome_text(outcome: Outcome) -> str:
    """How it ended. What stands where is told in full unless all is as planned."""
    took = f"in {outcome.seconds:.1f} s"
    directors = listing(dict.fromkeys(row.director for row in outcome.rows))
    if outcome.kind is OutcomeKind.REFUSED:
        return refusal_text(outcome.objections)
    if outcome.kind is OutcomeKind.DONE:
        where = f" on {directors}, read back as planned" if directors else ""
        lines = [f"done{where}, {took}"]
    elif outcome.kind is OutcomeKind.UNDONE:
        lines = [f"failed, and everything was put back, {took}: {outcome.failure}", *_standing(outcome)]
    else:
        lines = [f"INCOMPLETE after {outcome.seconds:.1f} s: {outcome.failure}", *_standing(outcome)]
    lines += [f"  ! {note}" for note in outcome.notes]
    return "\n".join(lines) + "\n"


def _standing(outcome: Outcome) -> list[str]:
    return lay_out(
        [(f"  {row.director}", str(row.real_server), str(row.virtual_server), row.found) for row in outcome.rows]
    )


def next_step(outcome: Outcome) -> str:
    """What the operator can do now; empty where nothing is left to do."""
    change = outcome.change
    if change is None or outcome.kind is OutcomeKind.REFUSED:
        return ""
    if outcome.kind is OutcomeKind.INCOMPLETE:
        return f"it is on record: `lvstop resume {change.cluster} {change.id} --finish` or `--undo`"
    addresses = list(dict.fromkeys(real.address for _, real in change.rows))
    if change.kind is not ChangeKind.DRAIN or len(addresses) != 1:
        return ""
    return f"`lvstop restore {change.cluster} {addresses[0]}` gives the weights back"


def progress_line(progress: DrainProgress) -> str:
    """A drain on one line, for whoever waits."""
    if progress.safety is not Safety.NOT_YET:
        return progress.headline
    parts = [] if progress.start is None else [f"{progress.start:,} at first"]
    parts += [] if progress.seconds is None else [f"about {age(progress.seconds)} to go"]
    return f"{progress.headline} {'; '.join(parts).capitalize()}." if parts else progress.headline


def progress_text(progress: DrainProgress) -> str:
    """A drain, and where there are several rows each of them."""
    lines = [progress.headline]
    if len(progress.rows) > 1:
        lines += lay_out([_row(row) for row in progress.rows])
    return "\n".join(lines) + "\n"


def _row(row: RowProgress) -> tuple[str, ...]:
    return (f"  {row.real_server}", str(row.virtual_server), str(row.safety), row.words)


def change_words(change: Change) -> str:
    """A change within a line: `drain 172.26.127.21:445`."""
    return f"{_HEADING[change.kind]} {_whom(change)}"
