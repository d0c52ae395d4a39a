"""Where lvstop's files lie."""

from pathlib import Path

import pytest

from lvstop.config.paths import clusters_folder, config_folder, find_cluster_files, shown, state_folder


def test_by_default_below_the_home_directory() -> None:
    assert config_folder({"HOME": "/home/ops"}) == Path("/home/ops/.config/lvstop")
    assert state_folder({"HOME": "/home/ops"}) == Path("/home/ops/.local/state/lvstop")
    assert clusters_folder({"HOME": "/home/ops"}) == Path("/home/ops/.config/lvstop/clusters")


def test_the_base_directories_are_honoured_where_they_are_absolute() -> None:
    environment = {"HOME": "/home/ops", "XDG_CONFIG_HOME": "/config", "XDG_STATE_HOME": "state"}
    assert config_folder(environment) == Path("/config/lvstop")
    assert state_folder(environment) == Path("/home/ops/.local/state/lvstop")


def test_cluster_files_are_found_in_order(tmp_path: Path) -> None:
    environment = {"XDG_CONFIG_HOME": str(tmp_path)}
    assert find_cluster_files(environment) == ()
    folder = clusters_folder(environment)
    folder.mkdir(parents=True)
    for name in ("web.yaml", "smb.yml", "README", ".hidden.yaml", "old.yaml~"):
        (folder / name).touch()
    (folder / "folder.yaml").mkdir()
    assert [path.name for path in find_cluster_files(environment)] == ["smb.yml", "web.yaml"]


def test_paths_are_shown_as_they_would_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ops")
    assert shown(Path("/home/ops/.config/x.yaml")) == "~/.config/x.yaml"
    assert shown(Path("/etc/x.yaml")) == "/etc/x.yaml"
