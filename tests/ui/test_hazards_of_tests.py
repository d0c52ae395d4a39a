"""Hazards of tests of the terminal, and of its workers, that show in the text of the code."""

import ast
import gc
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

import lvstop.ui
from support.factories import cluster
from support.pictures import SnapCompare
from support.terminal import make_app


async def test_hazard_8_a_picture_is_not_taken_within_a_running_loop(snap_compare: SnapCompare) -> None:
    """It runs the application in a loop of its own; a test that is asynchronous has one already."""
    app = make_app(cluster())
    with warnings.catch_warnings():
        # the coroutine that asyncio.run() refused
        warnings.simplefilter("ignore", RuntimeWarning)
        with pytest.raises(RuntimeError, match="running event loop"):
            snap_compare(app)
        gc.collect()


def test_hazard_8_tests_that_take_pictures_are_synchronous() -> None:
    """What is to be done before the picture is taken goes into `run_before`."""
    functions = [node for tree in _trees("snapshots") for node in ast.walk(tree)]
    taking = [
        node
        for node in functions
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and any(each.arg == "snap_compare" for each in node.args.args)
    ]
    assert len(taking) > 30
    assert [node.name for node in taking if isinstance(node, ast.AsyncFunctionDef)] == []


def test_hazard_12_tests_wait_for_conditions() -> None:
    """No test of the terminal waits for seconds: `pause()` lets it work, `until` says for what."""
    calls = [node for tree in _trees("ui", "snapshots") for node in ast.walk(tree) if isinstance(node, ast.Call)]
    pauses = [node for node in calls if getattr(node.func, "attr", "") == "pause"]
    assert len(pauses) > 30
    assert [ast.unparse(node) for node in pauses if node.args or node.keywords] == []
    sleeping = {"asyncio.sleep", "time.sleep", "sleep"}
    waits = [ast.unparse(node) for node in calls if ast.unparse(node.func) in sleeping]
    assert [each for each in waits if each != "asyncio.sleep(0)"] == []


def test_hazard_4_workers_end_nothing_and_keep_to_the_loop() -> None:
    """An error of a worker does not end the application; no thread runs a second event loop over a connection."""
    workers = [
        (function, call)
        for path in Path(lvstop.ui.__file__).parent.rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for call in function.decorator_list
        if ast.unparse(call).partition("(")[0] == "work"
    ]
    assert workers
    for function, call in workers:
        said = {word.arg: ast.unparse(word.value) for word in call.keywords} if isinstance(call, ast.Call) else {}
        assert said.get("exit_on_error") == "False", function.name
        assert said.get("thread", "False") == "False", function.name


def _trees(*folders: str) -> Iterator[ast.Module]:
    """The modules of these folders of tests."""
    for folder in folders:
        for path in (Path(__file__).parents[1] / folder).rglob("*.py"):
            yield ast.parse(path.read_text(encoding="utf-8"))
