"""Answers of the program `sound`, whatever they are: never anything but values and issues."""

from hypothesis import given
from hypothesis import strategies as st

from lvstop.model.sounding import ConfigCheck, ServiceStatus
from lvstop.model.vrrp import VrrpState
from lvstop.probe.parse.config_check import SAID_LIMIT, parse_config_check
from lvstop.probe.parse.keepalived_log import parse_keepalived_log
from lvstop.probe.parse.priorities import parse_priorities
from lvstop.probe.parse.sounded import parse_arp_settings, parse_connections, parse_service

SKELETON = (
    "file /etc/k.conf\n3 x {\n9 }\n10 vrrp_instance A {\n11 priority 150\n12 x {\n13 priority 7\n14 }\n15 }\n"
    "end\nwhole\n"
)
words = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=12)
lines = st.lists(
    st.one_of(
        st.sampled_from([*SKELETON.split("\n"), "1 ?", "1 $", "1 { } {", "file /b", "end", "whole", "2 priority 256"]),
        words,
    ),
    max_size=30,
).map("\n".join)


@given(st.text() | lines)
def test_any_answer(text: str) -> None:
    """Every parser, every text."""
    parse_config_check(text)
    parse_keepalived_log(text)
    parse_arp_settings(text)
    parse_service(text)
    parse_connections(text)
    parsed = parse_priorities(text)
    assert (parsed.value is None) == bool(parsed.issues)


@given(lines)
def test_any_skeleton(text: str) -> None:
    """What is found are priorities of instances in a file that has begun."""
    parsed = parse_priorities(text + "\nwhole")
    for line in parsed.value or ():
        assert 0 <= line.priority <= 255
        assert line.path
        assert f"vrrp_instance {line.instance}" in text


def test_a_skeleton() -> None:
    """Only what stands at the top of an instance's block."""
    (line,) = parse_priorities(SKELETON).value or ()
    assert (line.instance, line.path, line.line_number, line.priority) == ("A", "/etc/k.conf", 11, 150)


def test_a_heading_without_its_block() -> None:
    """The brace that follows is that of another block."""
    assert parse_priorities("file /k\n1 vrrp_instance A\n2 x {\n3 priority 9\n4 }\nend\nwhole\n").value == ()
    (line,) = parse_priorities("file /k\n1 vrrp_instance A\n2 {\n3 priority 9\n4 }\nend\nwhole\n").value or ()
    assert line.instance == "A"


def test_many_complaints() -> None:
    """The first of them, and how many more there were."""
    check = parse_config_check("exit 4\n" + "".join(f"\n\nwrong {number}" for number in range(SAID_LIMIT + 2))).value
    assert check is not None
    assert check.valid is False
    assert check.said[-1] == "… and 2 more lines"
    assert parse_config_check("exit 0\n").value == ConfigCheck(True, ())


def test_transitions_in_their_order() -> None:
    """Whatever the order in which the journal gives them."""
    log = parse_keepalived_log(
        "now 1795371100\n"
        "1795371002.0 d Keepalived_vrrp[1]: (A) Entering MASTER STATE\n"
        "1795371001.0 d Keepalived_vrrp[1]: (A) Entering BACKUP STATE\n"
        "1795371003.0 d Keepalived[1]: Reloading ...\n1795371003.5 d Keepalived[1]: Reload complete\n"
    )
    assert [each.state for each in log.transitions] == [VrrpState.BACKUP, VrrpState.MASTER]
    assert log.reloading is False


def test_a_reload_that_never_said_its_end() -> None:
    """keepalived before 2.2 does not: after some seconds it is over."""
    line = "1795371003.0 d Keepalived[1]: Reloading ...\n"
    assert parse_keepalived_log(f"now 1795371004\n{line}").reloading is True
    assert parse_keepalived_log(f"now 1795371009\n{line}").reloading is False


def test_units_that_are_not_known_to_be_enabled() -> None:
    """Generated ones of a System V script, for instance."""
    text = "pid=\nMainPID=0\nId=keepalived.service\nLoadState=loaded\nActiveState=failed\nUnitFileState=generated\n"
    assert parse_service(text) == ServiceStatus("keepalived.service", active=False, enabled=None)
    assert parse_service(text.replace("loaded", "not-found")).unit is None
    assert parse_service("") == ServiceStatus(None, active=False, enabled=None)
