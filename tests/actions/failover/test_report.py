"""Reports of failovers: the result first, every number with its error, and nothing in them that is obeyed."""

import json
import re
from dataclasses import replace
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.actions.failover.checks import Check, CheckCode, Verdict
from lvstop.actions.failover.outcome import DirectorStanding, Tally
from lvstop.actions.failover.report import document, file_name, markdown
from lvstop.actions.failover.timeline import AddressGap, Mark, Moment, Span
from lvstop.actions.outcome import OutcomeKind
from lvstop.actions.plan import Objection, ObjectionCode
from lvstop.model.failover import FailoverLever
from lvstop.model.vrrp import VrrpState
from support.failover_factories import (
    ADDRESS,
    WARNED,
    assessment,
    failover,
    failover_outcome,
    failover_plan,
    timeline,
)

anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def section(text: str, heading: str) -> str:
    """What stands below a heading."""
    _, _, rest = text.partition(f"\n## {heading}\n\n")
    return rest.partition("\n## ")[0].rstrip("\n")


def headings(text: str) -> list[str]:
    """The sections, in their order."""
    return [line[3:] for line in text.splitlines() if line.startswith("## ")]


def test_the_report_of_a_failover() -> None:
    """What moved, how long nobody answered and how exactly that is known, and on what grounds it was done."""
    plan = failover_plan(None, WARNED, accepted=frozenset({CheckCode.SYNC_DAEMONS}))
    text = markdown(plan, failover_outcome(plan, notes=("no record could be kept on keepalived2",)))
    assert text.startswith(
        "# Fail smb over from keepalived1 to keepalived2: SMB with 172.26.127.20\n\n"
        "**done in 9.4 s: keepalived2 holds 172.26.127.20, by the kernel and by keepalived**\n"
    )
    assert headings(text) == [
        "Where it stands",
        "Gap",
        "Timeline",
        "Connections",
        "Expected beforehand",
        "Preflight",
        "Levers",
        "Commands",
        "Notes",
    ]
    assert section(text, "Gap") == (
        "- both directors had 172.26.127.20 for 0.031 s ± 0.008 s\n- no new connection was served for 0.017 s ± 0.024 s"
    )
    assert "| +3.214 | ± 0.004 | keepalived2 | address there: 172.26.127.20 |" in section(text, "Timeline")
    assert "| keepalived1 | 1,204 | 3 |" in section(text, "Connections")
    assert "| ! | sync-daemons | No sync daemon runs: 1,204 connections will be reset." in section(text, "Preflight")
    assert section(text, "Preflight").endswith("| accepted |")
    assert section(text, "Commands") == "    keepalived1# echo 1 > /etc/keepalived/maint"
    assert section(text, "Notes") == "- no record could be kept on keepalived2"


def test_what_is_unknown_is_said_so() -> None:
    """Never 0, never left out."""
    plan = failover_plan()
    gap = AddressGap(ADDRESS, None, None, None)
    course = replace(timeline(), addresses=(gap,), connections=None)
    outcome = failover_outcome(
        plan,
        timeline=course,
        tallies=(Tally("keepalived1", None, 0),),
        standings=(
            DirectorStanding("keepalived1", None, None),
            DirectorStanding("keepalived2", (), (("SMB", None), ("WEB", VrrpState.FAULT)), "maint 1"),
        ),
    )
    text = markdown(plan, outcome)
    assert "- how long nobody had 172.26.127.20 cannot be told" in text
    assert "- too little traffic to tell for how long no new connection was served" in text
    assert "| keepalived1 | unknown | 0 |" in text
    assert "| keepalived1 | nobody can tell what it holds; its VRRP states are unknown |" in text
    assert "| keepalived2 | holds none of the addresses; SMB unknown, WEB FAULT; maint 1 |" in text
    told = document(plan, outcome)["outcome"]
    assert isinstance(told, dict)
    assert told["tallies"] == [{"director": "keepalived1", "active_before": None, "active_after": 0}]
    assert told["standings"] == [
        {"director": "keepalived1", "holds": None, "states": None, "lever": None},
        {"director": "keepalived2", "holds": [], "states": {"SMB": None, "WEB": "FAULT"}, "lever": "maint 1"},
    ]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (OutcomeKind.UNDONE, "failed and undone after 9.4 s: nobody took over"),
        (OutcomeKind.INCOMPLETE, "INCOMPLETE after 9.4 s: nobody took over"),
    ],
)
def test_what_went_wrong_comes_first(kind: OutcomeKind, said: str) -> None:
    """And, before anything else is told, what to type now."""
    plan = failover_plan()
    text = markdown(plan, failover_outcome(plan, kind, failure="nobody took over", way_out=("echo 0 > /x",)))
    assert f"**{said}**" in text
    assert headings(text)[0] == "What to do now"
    assert section(text, "What to do now") == "- echo 0 > /x"


def test_a_refusal_has_its_reasons() -> None:
    """Nothing was touched: no timeline, no gap."""
    plan = failover_plan()
    why = Objection(ObjectionCode.LOCKED, "keepalived1 is being changed by ann@desk", overridable=False)
    text = markdown(plan, failover_outcome(plan, OutcomeKind.REFUSED, objections=(why,)))
    assert "**refused; nothing was touched**\n\n- keepalived1 is being changed by ann@desk (locked)\n" in text
    assert not {"Gap", "Timeline", "Where it stands"} & set(headings(text))


@pytest.mark.parametrize(
    ("moves", "title", "result"),
    [
        (
            True,
            "# Release the lever stop on keepalived1 of smb: SMB with 172.26.127.20 back to keepalived1",
            "keepalived1 holds 172.26.127.20, by the kernel and by keepalived; the lever is released",
        ),
        (False, "# Release the lever stop on keepalived1 of smb, which moves nothing", "the lever is released"),
    ],
)
def test_the_report_of_a_release(moves: bool, title: str, result: str) -> None:
    """The same act in reverse, which may leave everything where it is."""
    plan = failover_plan(failover(lever=FailoverLever.STOP), releases=True, moves=moves)
    text = markdown(plan, failover_outcome(plan))
    assert text.startswith(f"{title}\n\n**done in 9.4 s: {result}**\n")
    assert section(text, "Commands") == "    keepalived1# systemctl start keepalived.service"
    assert "Levers" not in headings(text)


def test_the_preflight_is_the_last_one() -> None:
    """What was read again under the locks counts, and not what stood on the screen."""
    plan = failover_plan()
    again = Check(CheckCode.CLOCKS, Verdict.PASSED, "The clocks differ by 0.001 s.", 0.2)
    assert "The clocks differ" in section(markdown(plan, failover_outcome(plan, checks=(again,))), "Preflight")


@given(anything, anything, anything)
def test_words_from_elsewhere_are_text(reason: str, sentence: str, subject: str) -> None:
    """They begin no heading, row or list of their own, and hold nothing that a terminal obeys."""
    plain_plan = failover_plan(failover(reason="x"), Check(CheckCode.CLOCKS, Verdict.WARNED, "x"))
    plan = failover_plan(failover(reason=reason or "x"), Check(CheckCode.CLOCKS, Verdict.WARNED, sentence))
    moment = Moment(Mark.PRIORITY_CHANGED, "keepalived1", subject, 1.0, 0.1)
    course = replace(timeline(), moments=(moment,))
    text = markdown(plan, failover_outcome(plan, timeline=course, failure=sentence, notes=(sentence,)))
    usual = markdown(plain_plan, failover_outcome(plain_plan, timeline=course, failure="x", notes=("x",)))
    assert [line[:2].strip() for line in text.split("\n")] == [line[:2].strip() for line in usual.split("\n")]
    assert len(text.splitlines()) == len(text.split("\n")) - 1
    assert not any(re.match(r"- (#|-|\+|=|>|~|\d+[.)])", line) for line in text.split("\n"))
    assert not any((ord(each) < 0x20 and each != "\n") or 0x7F <= ord(each) < 0xA0 for each in text)
    assert text.count("<") == text.count("\\<")


@pytest.mark.parametrize("kind", OutcomeKind)
def test_the_document_is_json(kind: OutcomeKind) -> None:
    """Of every end, with the same parts as the text; what it says survives being written."""
    plan = failover_plan(None, WARNED)
    told = document(plan, failover_outcome(plan, kind))
    assert list(told) == ["schema", "report", "lvstop", "cluster", "plan", "assessment", "outcome"]
    assert json.loads(json.dumps(told)) == told


def test_numbers_have_their_errors() -> None:
    """In seconds, to the microsecond; an overlap is negative."""
    vip = ip_address("fd66::20")
    gap = AddressGap(vip, None, Moment(Mark.VIP_ADDED, "keepalived2", str(vip), 0.61, 0.004), Span(-0.0310004, 0.008))
    plan = failover_plan(assessment=assessment(chosen=None, consequences=None))
    outcome = document(plan, failover_outcome(plan, timeline=replace(timeline(), addresses=(gap,))))["outcome"]
    assert isinstance(outcome, dict)
    course = outcome["timeline"]
    assert isinstance(course, dict)
    assert course["addresses"] == [
        {
            "vip": "fd66::20",
            "removed": None,
            "added": {
                "mark": "vip-added",
                "director": "keepalived2",
                "subject": "fd66::20",
                "at_seconds": 0.61,
                "error_seconds": 0.004,
            },
            "absent": {"seconds": -0.031, "error_seconds": 0.008},
        }
    ]


@pytest.mark.parametrize(
    ("cluster", "name"),
    [("smb", "smb-failover-20261122T140211Z-ab12"), ("../a b", "-a-b-failover-20261122T140211Z-ab12")],
)
def test_names_of_reports(cluster: str, name: str) -> None:
    """Sorted by time within a cluster, and never out of their folder."""
    assert file_name(failover_plan(failover(cluster=cluster))) == name
