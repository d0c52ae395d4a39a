"""The command line: exit statuses that scripts depend on, and mistakes that are told in one line."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from lvstop import __version__
from lvstop.cli.main import main
from lvstop.clock import Clock
from lvstop.config.paths import state_folder
from lvstop.config.schema import ClusterConfig
from lvstop.engine.connections import ProbeFactory
from lvstop.engine.records import store_in
from lvstop.model.change import ChangePhase
from lvstop.model.cluster import ClusterSnapshot, Health
from lvstop.model.director import Capabilities
from support.change_factories import change
from support.clocks import EagerClock
from support.factories import SYSCTLS, backup, cluster, master, silent
from support.fake_director import EVENING, NO_ANSWER, FakeDirector, probes_of

PAIR = """\
name: web
directors:
  - {name: d1, host: d1.example}
  - {name: d2, host: d2.example}
"""

Show = Callable[..., None]


@pytest.fixture
def pair_file(tmp_path: Path) -> str:
    """A cluster file with two directors."""
    path = tmp_path / "web.yaml"
    path.write_text(PAIR)
    return str(path)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Show:
    """Makes both commands see these clusters, whatever the files say."""

    def show(*clusters: ClusterSnapshot) -> None:
        async def look(
            configs: Sequence[ClusterConfig], make_probe: ProbeFactory, clock: Clock, **_more: object
        ) -> tuple[ClusterSnapshot, ...]:
            return clusters

        monkeypatch.setattr("lvstop.cli.status.look", look)
        monkeypatch.setattr("lvstop.cli.check.look", look)

    return show


@pytest.fixture
def directors(monkeypatch: pytest.MonkeyPatch) -> tuple[FakeDirector, FakeDirector]:
    """A pair in memory in the place of SSH."""
    clock = EagerClock(EVENING)
    pair = FakeDirector(clock), FakeDirector(clock, "d2")
    for command in ("status", "check"):
        monkeypatch.setattr(f"lvstop.cli.{command}.SystemClock", lambda: clock)
        monkeypatch.setattr(f"lvstop.cli.{command}.ssh_probes", lambda clock, prompt: probes_of(*pair))
    return pair


def healthy(health: Health) -> ClusterSnapshot:
    """A cluster whose health is said to be this."""
    return replace(cluster(), health=health)


@pytest.mark.parametrize(
    ("healths", "status"),
    [
        ([Health.OK], 0),
        ([Health.WARNING], 1),
        ([Health.CRITICAL], 2),
        ([Health.UNKNOWN], 3),
        ([Health.OK, Health.WARNING, Health.OK], 1),
        ([Health.WARNING, Health.UNKNOWN], 3),
        ([Health.UNKNOWN, Health.CRITICAL, Health.OK], 2),
    ],
)
@pytest.mark.parametrize("json_option", [[], ["--json"]])
def test_the_worst_cluster_decides(
    looks: Show, pair_file: str, healths: list[Health], status: int, json_option: list[str]
) -> None:
    """0 ok, 1 warning, 2 critical, 3 unknown: a known disaster is worse than a doubt, a doubt than a warning."""
    looks(*map(healthy, healths))
    assert main(["status", "-c", pair_file, *json_option]) == status


def test_status_reads_a_pair(
    directors: tuple[FakeDirector, FakeDirector], pair_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the cluster file to the text: connected, read, disconnected; nothing on stderr."""
    assert main(["status", "-c", pair_file]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("● web  OK  2026-11-22 18:00:00 UTC\n\n  10.9.0.200 is on d1 since")
    assert err == ""
    assert [(each.connects, each.channels) for each in directors] == [(1, 0), (1, 0)]


def test_status_knows_what_this_machine_has_on_record(
    directors: tuple[FakeDirector, FakeDirector],
    pair_file: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A change that was begun here and never reached a director; a record that is none is complained of."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    begun = change(cluster="web", phase=ChangePhase.PENDING, at=EVENING)
    store_in(state_folder()).save(begun)
    (state_folder() / "changes" / "web" / "x.json").write_text("rubbish")
    assert main(["status", "--json", "-c", pair_file]) == 0
    said = capsys.readouterr()
    assert [each["id"] for each in json.loads(said.out)["clusters"][0]["changes"]] == [begun.id]
    assert said.err.startswith("lvstop: ")
    assert "x.json is no record of a change" in said.err


def test_status_as_json(
    directors: tuple[FakeDirector, FakeDirector], pair_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One document on stdout and nothing else, also where a director cannot be reached."""
    directors[1].refusal = NO_ANSWER
    assert main(["status", "--json", "-c", pair_file]) == 1
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert (document["schema"], err) == (1, "")
    assert [each["status"] for each in document["clusters"][0]["directors"]] == ["live", "unreachable"]


def test_nobody_answers(
    directors: tuple[FakeDirector, FakeDirector], pair_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where no director can be asked the answer is unknown, which is neither ok nor critical."""
    for each in directors:
        each.refusal = NO_ANSWER
    assert main(["status", "-c", pair_file]) == 3
    assert capsys.readouterr().out.startswith("? web  UNKNOWN")


def test_several_clusters_are_told_one_after_the_other(
    looks: Show, pair_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty line stands between two clusters."""
    looks(healthy(Health.OK), healthy(Health.WARNING))
    main(["status", "-c", pair_file])
    out = capsys.readouterr().out
    assert out.count("\n\n● smb") + out.count("\n\n▲ smb") == 1
    assert out.endswith("same\n")


FINE = replace(SYSCTLS, expire_nodest_conn=1)
TOOLS = Capabilities("mawk", ipvsadm=True, json_dump=True, dbus=True, journal=True)


@pytest.mark.parametrize(
    ("seen", "status"),
    [
        (cluster(master(sysctls=FINE, capabilities=TOOLS), backup(sysctls=FINE, capabilities=TOOLS)), 0),
        (cluster(master(sysctls=FINE), backup(sysctls=SYSCTLS)), 1),
        (cluster(master(sysctls=FINE), backup(sysctls=FINE, virtual_servers=None)), 2),
        (cluster(master(sysctls=FINE), silent()), 3),
    ],
    ids=["well", "advice", "failure", "cannot be examined"],
)
def test_check_tells_the_worst_finding(looks: Show, pair_file: str, seen: ClusterSnapshot, status: int) -> None:
    """0 all is well, 1 could be better, 2 does not work, 3 cannot be examined."""
    looks(seen)
    assert main(["check", "-c", pair_file]) == status


def test_check_examines_every_director(
    directors: tuple[FakeDirector, FakeDirector], pair_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each director has its heading."""
    assert main(["check", "-c", pair_file]) == 0
    out = capsys.readouterr().out
    assert "web/d1 (d1.example)\n" in out
    assert "web/d2 (d2.example)\n" in out
    assert out.endswith("\n")
    assert not out.endswith("\n\n\n")


@pytest.mark.parametrize("command", ["status", "check"])
@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (None, "nothing.yaml"),
        ("name: [", "web.yaml:"),
        (PAIR + "colour: red\n", "colour"),
        ("name: web\n", "directors"),
    ],
    ids=["missing", "no YAML", "unknown key", "no directors"],
)
def test_a_bad_cluster_file_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, text: str | None, complaint: str
) -> None:
    """Exit 3 and one line that names the file: no traceback, nothing on stdout, nobody was asked."""
    path = tmp_path / ("nothing.yaml" if text is None else "web.yaml")
    if text is not None:
        path.write_text(text)
    assert main([command, "-c", str(path)]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("lvstop: ")
    assert str(path) in err
    assert complaint in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", ["status", "check"])
def test_without_any_cluster_the_way_is_told(capsys: pytest.CaptureFixture[str], command: str) -> None:
    """No file given and none in the configuration folder."""
    assert main([command]) == 3
    assert capsys.readouterr().err == (
        "lvstop: no cluster file: give one with -c FILE, or write one with `lvstop init USER@HOST USER@HOST`\n"
    )


def test_the_configuration_folder_is_searched(
    directors: tuple[FakeDirector, FakeDirector], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without -c every file of the folder counts."""
    folder = tmp_path / "home" / ".config" / "lvstop" / "clusters"
    folder.mkdir(parents=True)
    (folder / "web.yaml").write_text(PAIR)
    assert main(["status"]) == 0
    assert "web  OK" in capsys.readouterr().out


def test_the_terminal_needs_one(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """`lvstop` without a command is the terminal; into a pipe it draws nothing, and says what to use instead."""
    file = tmp_path / "web.yaml"
    file.write_text(PAIR)
    assert main(["-c", str(file)]) == 3
    assert "lvstop status" in capsys.readouterr().err


@pytest.mark.usefixtures("directors")
def test_files_before_and_after_the_command(capsys: pytest.CaptureFixture[str], pair_file: str) -> None:
    """`-c` counts wherever it stands."""
    assert main(["-c", pair_file, "status"]) == main(["status", "-c", pair_file]) == 0
    assert capsys.readouterr().out.count("web  OK") == 2


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["fly"], "fly"),
        (["status", "--jsn"], "--jsn"),
        (["status", "-c"], "-c"),
        (["check", "--json"], "--json"),
        (["status", "--timeout"], "--timeout"),
        *((["status", "--timeout", text], text) for text in ("0", "-1", "nan", "inf", "3601", "soon", "")),
    ],
)
def test_wrong_usage_is_told(capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str) -> None:
    """Exit 3, which no monitoring takes for critical, with the usage and what was wrong with it."""
    with pytest.raises(SystemExit) as leaving:
        main(arguments)
    out, err = capsys.readouterr()
    assert (leaving.value.code, out) == (3, "")
    assert err.startswith("usage: lvstop")
    assert complaint in err.splitlines()[-1]


@pytest.mark.parametrize("text", ["0.5", "1", "3600"])
@pytest.mark.parametrize("command", ["status", "check"])
def test_the_timeout_reaches_the_look(monkeypatch: pytest.MonkeyPatch, pair_file: str, command: str, text: str) -> None:
    """`--timeout` is the longest look at a director, in seconds."""
    seen: list[float] = []

    async def look(*_: object, timeout: float, **_more: object) -> tuple[ClusterSnapshot]:
        seen.append(timeout)
        return (cluster(),)

    monkeypatch.setattr(f"lvstop.cli.{command}.look", look)
    main([command, "-c", pair_file, "--timeout", text])
    assert seen == [float(text)]


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """One line, and success."""
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"lvstop {__version__}\n"


def test_ctrl_c_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, pair_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Interrupted: exit 130, as shells have it, and nothing printed."""

    async def look(*_: object, **_more: object) -> tuple[ClusterSnapshot, ...]:
        raise KeyboardInterrupt

    monkeypatch.setattr("lvstop.cli.status.look", look)
    assert main(["status", "-c", pair_file]) == 130
    assert capsys.readouterr() == ("", "")
