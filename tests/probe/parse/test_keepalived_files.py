"""Track files in keepalived_check.data: what can be drained in keepalived's own terms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.model.checks import FileCheck, TrackFile
from lvstop.probe.parse.keepalived_check import parse_keepalived_check
from support.recordings import recorded

REAL_SERVER = """   ------< Real server >------
   RIP = 10.9.0.11, RPORT = 80, WEIGHT = 3 EFF WEIGHT = 3
   forwarding method = DR
   initial weight = 3
   alive = 1
   num failed checkers = 0
   RS set = 1
   reloaded = 0
"""
HEAD = """------< LVS Topology >------
 System is compiled with LVS v1.2.1
 ------< Virtual server >------
 VS VIP = 10.9.0.200, VPORT = 80
   Address family = inet
   protocol = TCP
   quorum = 1, hysteresis = 0
   quorum_state_up = 1
"""
BFDS = "   Tracked BFDs\n     bfd1\n"
CHECKERS = """------< Health checkers >------
 [10.9.0.200]:tcp:80 -> [10.9.0.11]:tcp:80
   Enabled = yes
   Keepalive method = FILE_CHECK
     Tracked file = drain_rs1
     Reloaded = No
"""
FILES = """------< Checker track files >------
 Track file = drain_rs1
   File = /run/lvs/rs1
   Status = 0
   Weight = -254
   Tracking instances :
     [10.9.0.200]:tcp:80 -> [10.9.0.11]:tcp:80, weight -254
 Track file = boost rs2
   File = /run/lvs/a file
   Status = -9223372036854775808
   Weight = 2 reverse
"""
MORE = "------< Checker track BFDs >------\n Checker Track BFD = bfd1\n   Weight = 4\n"


def real_server(*files: str) -> str:
    """A real server with these lines below its list of track files."""
    return REAL_SERVER + "".join(f"{line}\n" for line in ("   Tracked Files", *files))


def test_file_checks_and_their_files() -> None:
    """Of a real server which files add to its weight, and of the files where they are and what is in them."""
    text = HEAD + real_server("     drain_rs1, weight -254", "     boost rs2, weight 2 reverse") + BFDS + REAL_SERVER
    parsed = parse_keepalived_check(text + CHECKERS + FILES + MORE)
    assert parsed.issues == ()
    (server,) = parsed.value.virtual_servers
    assert [each.file_checks for each in server.real_servers] == [
        (FileCheck("drain_rs1", -254, reverse=False), FileCheck("boost rs2", 2, reverse=True)),
        (),
    ]
    assert parsed.value.track_files == (
        TrackFile("drain_rs1", "/run/lvs/rs1", 0, -254, reverse=False),
        TrackFile("boost rs2", "/run/lvs/a file", -(2**63), 2, reverse=True),
    )


def test_a_name_may_look_like_a_weight() -> None:
    """keepalived takes any word for a name; what it writes behind the name counts."""
    (server,) = parse_keepalived_check(HEAD + real_server("     a, weight 7, weight -1")).value.virtual_servers
    assert server.real_servers[0].file_checks == (FileCheck("a, weight 7", -1, reverse=False),)


def test_without_track_files_there_are_none() -> None:
    """A configuration without any FILE_CHECK writes neither the list nor the section."""
    parsed = parse_keepalived_check(recorded("debian-12", "base_d1__tmp_keepalived_check.data"))
    assert parsed.value.track_files == ()
    assert {row.file_checks for server in parsed.value.virtual_servers for row in server.real_servers} == {()}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (HEAD + real_server("     drain_rs1"), 18),
        (HEAD + real_server("     drain_rs1, weight 2147483648"), 18),
        (HEAD + real_server("     drain_rs1, weight 1 backwards"), 18),
        (FILES.replace("   Weight = -254\n", ""), 2),
        (FILES.replace("   Status = 0", "   Status = many"), 2),
        (FILES.replace("-9223372036854775808", "9223372036854775808"), 8),
        (FILES.replace("   Weight = 2 reverse\n", ""), 8),
    ],
)
def test_lines_that_are_not_understood_are_reported(text: str, number: int) -> None:
    """A weight or a path that is guessed would be written into a file one day."""
    assert [issue.line_number for issue in parse_keepalived_check(text).issues] == [number]


@given(st.text(), st.text())
def test_never_raises(entry: str, section: str) -> None:
    """Whatever stands in the list or in the section."""
    text = f"{HEAD}{real_server(f'     {entry}')}------< Checker track files >------\n Track file = {section}\n"
    parsed = parse_keepalived_check(text)
    for file in parsed.value.track_files:
        assert -(2**63) <= file.status < 2**63


@given(st.integers(0, len(FILES)))
def test_a_part_of_the_section_makes_nothing_up(length: int) -> None:
    """A dump that was cut: the files that are told are told as in the whole."""
    whole = parse_keepalived_check(FILES).value.track_files
    part = parse_keepalived_check(FILES[:length]).value.track_files
    assert part == whole[: len(part)]
