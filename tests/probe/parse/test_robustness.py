"""No text makes a parser raise, and what it cannot read it reports under the right number."""

from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvstop.probe.parse import Parsed
from lvstop.probe.parse.ip_vs import parse_ip_vs
from lvstop.probe.parse.ip_vs_stats import parse_ip_vs_stats
from lvstop.probe.parse.ipvsadm import (
    parse_persistent_connections,
    parse_rates,
    parse_save,
    parse_stats,
    parse_sync_daemons,
    parse_thresholds,
)
from lvstop.probe.parse.keepalived_check import parse_keepalived_check
from lvstop.probe.parse.keepalived_data import parse_keepalived_data
from lvstop.probe.parse.keepalived_json import is_complete, parse_keepalived_json
from lvstop.probe.parse.mask import MASK
from support.recordings import RELEASES, recorded

SECRET = "not-a-secret"  # noqa: S105

Parser = Callable[[str], Parsed[object]]


def _table(text: str) -> Parsed[object]:
    return parse_ip_vs(text, hz=250)


STRICT: Mapping[str, Parser] = {
    "proc_ip_vs.out": _table,
    "ipvsadm_Ln_stats_exact.out": parse_stats,
    "ipvsadm_Ln_rate_exact.out": parse_rates,
    "ipvsadm_Ln_thresholds.out": parse_thresholds,
    "ipvsadm_Ln_persistent.out": parse_persistent_connections,
    "ipvsadm_save.out": parse_save,
}
"""Every line counts in these."""

PARSERS: Mapping[str, Parser] = {
    **STRICT,
    "ipvsadm_daemon.out": parse_sync_daemons,
    "proc_ip_vs_stats.out": parse_ip_vs_stats,
    "base_d1__tmp_keepalived.json": parse_keepalived_json,
    "base_d2__tmp_keepalived.data": parse_keepalived_data,
    "back_d1__tmp_keepalived_check.data": parse_keepalived_check,
}


@st.composite
def mutated(draw: st.DrawFn, text: str) -> str:
    """Lines removed, doubled, swapped, garbled; the whole cut, or with bytes that are no UTF-8."""
    lines = text.split("\n")
    for _ in range(draw(st.integers(1, 5))):
        index = draw(st.integers(0, len(lines) - 1))
        at = draw(st.integers(0, len(lines[index])))
        match draw(st.integers(0, 5)):
            case 0:
                lines[index : index + 1] = []
            case 1:
                lines.insert(index, lines[index])
            case 2:
                lines[index] = lines[index][:at]
            case 3:
                lines[index] = lines[index][:at] + draw(st.text(max_size=4)) + lines[index][at + 1 :]
            case 4:
                lines[index] = draw(st.binary(max_size=20)).decode("utf-8", "replace")
            case _:
                lines = lines[index:] + lines[:index]
        lines = lines or [""]
    whole = "\n".join(lines)
    return whole[: draw(st.integers(0, len(whole)))] if draw(st.booleans()) else whole


@pytest.mark.parametrize("name", PARSERS)
@given(data=st.data())
@settings(deadline=None, max_examples=40)
def test_a_damaged_recording_raises_nothing_and_leaks_nothing(name: str, data: st.DataObject) -> None:
    """Whatever happens to it on the way; the password goes neither into values nor into issues."""
    text = recorded(data.draw(st.sampled_from(RELEASES)), name).replace(MASK, SECRET)
    damaged = data.draw(mutated(text))
    parsed = PARSERS[name](damaged)
    last = damaged.count("\n") + 1
    assert len(parsed.issues) <= 101
    assert all(0 <= issue.line_number <= last for issue in parsed.issues)
    # One letter changed within its own name may hide a password from any mask: that is not what is asked here.
    if any(f"{key}{SECRET}" in damaged for key in ('"auth_data":"', "Password = ")):
        assert SECRET not in repr(parsed)


@pytest.mark.parametrize("name", PARSERS)
@given(text=st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("utf-8", "replace")))
@settings(deadline=None, max_examples=25)
def test_any_text_is_survived(name: str, text: str) -> None:
    """Random characters and random bytes."""
    PARSERS[name](text)
    is_complete(text)


@pytest.mark.parametrize("name", STRICT)
@given(data=st.data(), rubbish=st.text(st.characters(codec="ascii", exclude_characters="\n"), max_size=30))
@settings(deadline=None, max_examples=25)
def test_each_unreadable_line_is_an_issue_with_its_number(name: str, data: st.DataObject, rubbish: str) -> None:
    """Lines that mean nothing, put anywhere below the heading."""
    lines = recorded("debian-12", name).split("\n")
    places = sorted(data.draw(st.sets(st.integers(3, len(lines) - 2), min_size=1, max_size=5)), reverse=True)
    for place in places:
        lines.insert(place, f"?{rubbish}")
    parsed = STRICT[name]("\n".join(lines))
    numbers = [issue.line_number for issue in parsed.issues]
    marked = [number for number, line in enumerate(lines, 1) if line.startswith("?")]
    assert set(marked) <= set(numbers)
    assert len(numbers) >= len(marked)


@pytest.mark.parametrize("name", PARSERS)
def test_a_million_lines_give_a_hundred_issues(name: str) -> None:
    """And end soon."""
    parsed = PARSERS[name](recorded("debian-13", name) + "?\n" * 50_000)
    assert len(parsed.issues) <= 101
    if name in STRICT:
        assert parsed.issues[-1].reason == "… and 49900 more lines"


@pytest.mark.parametrize("name", PARSERS)
@pytest.mark.parametrize("release", RELEASES)
def test_recordings_are_read_without_issues_and_hold_no_secret(release: str, name: str) -> None:
    """The recordings themselves are masked."""
    text = recorded(release, name)
    assert PARSERS[name](text).issues == ()
    assert "s3cr3t" not in text
