"""Plans, outcomes and drains as an operator reads them."""

import pytest

from lvstop.actions.outcome import OutcomeKind
from lvstop.actions.plan import Objection, ObjectionCode, Remark, SharePreview
from lvstop.analysis.draining import DrainProgress, Safety
from lvstop.cli import change_json, change_report
from lvstop.model.change import ChangeKind, Lever
from support.change_factories import change, file_changes, outcome, plan, weights
from support.factories import FIRST, SECOND, SERVICE, later, rs_key, vs_key

OTHER = "TCP:172.26.127.20:139"


def test_a_plan_with_everything() -> None:
    """Scope, lever, how long it lasts, what to know, shares, what was overridden, and the commands verbatim."""
    wish = plan(
        change(*weights(), *weights(OTHER, before=3), reason="new disks", until=later(7200)),
        lifetime=("It is lost when the real server fails and returns.", "It holds through a failover."),
        remarks=(
            Remark("keepalived is not told of it.", "These lines last:\ntrack_file drain {\n}"),
            Remark("Persistence keeps sending clients."),
        ),
        shares=(
            SharePreview(vs_key(SERVICE), rs_key(FIRST), 0.5, 0.0),
            SharePreview(vs_key(SERVICE), rs_key(SECOND), None, 1.0),
        ),
        overridden=(Objection(ObjectionCode.CAPACITY, "the others would carry 180 %", overridable=True),),
    )
    command = "ipvsadm -e -t 172.26.127.20:{} -r 172.26.127.21:445 -g -w 0 -x 0 -y 0"
    assert change_report.plan_text(wish) == (
        "drain 172.26.127.21:445 of smb (20261122-140211-ab12)\n"
        "\n"
        "  real server        virtual server         director     weight\n"
        "  172.26.127.21:445  TCP:172.26.127.20:139  keepalived1  3 → 0\n"
        "                                            keepalived2  3 → 0\n"
        "  172.26.127.21:445  TCP:172.26.127.20:445  keepalived1  5 → 0\n"
        "                                            keepalived2  5 → 0\n"
        "\n"
        "  lever     ipvsadm\n"
        "  lasts     It is lost when the real server fails and returns.\n"
        "            It holds through a failover.\n"
        "  reason    new disks\n"
        "  until     2026-11-22 16:02:11 UTC\n"
        "  note      keepalived is not told of it.\n"
        "            → These lines last:\n"
        "              track_file drain {\n"
        "              }\n"
        "            Persistence keeps sending clients.\n"
        "  shares    172.26.127.21:445 of TCP:172.26.127.20:445  50 % → 0 %\n"
        "            172.26.127.22:445 of TCP:172.26.127.20:445  – → 100 %\n"
        "  overrides capacity: the others would carry 180 %\n"
        "\n"
        "  4 commands, one after the other:\n"
        f"    keepalived1# {command.format(445)}\n"
        f"    keepalived2# {command.format(445)}\n"
        f"    keepalived1# {command.format(139)}\n"
        f"    keepalived2# {command.format(139)}\n"
    )


def test_a_plan_by_track_files() -> None:
    """Which files, where, and the commands that write them."""
    text = change_report.plan_text(plan(change(lever=Lever.TRACK_FILE, files=file_changes())))
    assert "  lever     track-file\n            drain_rs1 (/run/lvs/rs1 on keepalived1) 0 → 1\n" in text
    assert "    keepalived2# echo 1 > /run/lvs/rs1\n" in text


def test_a_plan_without_commands() -> None:
    """Only records change: that is said, and not shown as an empty list."""
    text = change_report.plan_text(plan(change(kind=ChangeKind.RESTORE), steps=()))
    assert text.startswith("restore 172.26.127.21:445 of smb")
    assert text.endswith("\n  no command: only what is on record changes\n")


def test_what_stands_where() -> None:
    """Of a change that is incomplete every row on every director is told."""
    wish = plan()
    text = change_report.outcome_text(outcome(wish, OutcomeKind.INCOMPLETE, failure="keepalived2 does not answer."))
    assert text == (
        "INCOMPLETE after 1.5 s: keepalived2 does not answer.\n"
        "  keepalived1  172.26.127.21:445  TCP:172.26.127.20:445  weight 5, as before\n"
        "  keepalived2  172.26.127.21:445  TCP:172.26.127.20:445  weight 5, as before\n"
    )


def test_records_that_were_closed() -> None:
    """Nothing was changed on any director."""
    assert change_report.outcome_text(outcome(plan(), rows=())) == "done, in 1.5 s\n"


@pytest.mark.parametrize("kind", [OutcomeKind.UNDONE, OutcomeKind.REFUSED])
def test_nothing_is_left_to_do(kind: OutcomeKind) -> None:
    """What was put back or never touched needs no next step."""
    assert change_report.next_step(outcome(plan(), kind)) == ""


def progress(**more: object) -> DrainProgress:
    """A drain that goes on."""
    values: dict[str, object] = {
        "change": change(),
        "rows": (),
        "left": 12,
        "start": 40,
        "done": 0.7,
        "seconds": 35.4,
        "safety": Safety.NOT_YET,
        "headline": "NOT YET SAFE TO STOP: 12 established connections.",
    }
    values.update(more)
    return DrainProgress(**values)  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({}, "NOT YET SAFE TO STOP: 12 established connections. 40 at first; about 35 s to go."),
        ({"seconds": None}, "NOT YET SAFE TO STOP: 12 established connections. 40 at first."),
        ({"start": None}, "NOT YET SAFE TO STOP: 12 established connections. About 35 s to go."),
        ({"start": None, "seconds": None}, "NOT YET SAFE TO STOP: 12 established connections."),
        ({"safety": Safety.SAFE, "headline": "SAFE TO STOP NOW: x."}, "SAFE TO STOP NOW: x."),
    ],
)
def test_a_drain_on_one_line(more: dict[str, object], line: str) -> None:
    """What is left, of how many, and how long it may take; nothing that is unknown."""
    assert change_report.progress_line(progress(**more)) == line


def test_the_document_is_null_where_nothing_is_known() -> None:
    """Never 0, and never left out."""
    document = change_json.document("drain", "smb", progress=progress(left=None, start=None, done=None, seconds=None))
    told = document["progress"]
    assert isinstance(told, dict)
    assert [told[key] for key in ("left", "start", "done", "forecast_seconds")] == [None] * 4
    assert (document["plan"], document["outcome"], document["objections"]) == (None, None, [])
