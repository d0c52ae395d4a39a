"""Rooms small enough to be known: files up to 400 lines, functions up to 50."""

import ast
from pathlib import Path

import lvstop

SOURCE = Path(lvstop.__file__).parent
TESTS = Path(__file__).parent.parent


def python_files() -> list[Path]:
    """Everything that is ours."""
    return sorted([*SOURCE.rglob("*.py"), *TESTS.rglob("*.py")])


def test_files_are_short() -> None:
    """No file of more than 400 lines."""
    long = {str(path): n for path in python_files() if (n := len(path.read_text(encoding="utf-8").splitlines())) > 400}
    assert long == {}


def test_functions_are_short() -> None:
    """No function of more than 50 lines, its docstring not counted."""
    long: dict[str, int] = {}
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = node.body[0]
                doc = first.end_lineno - first.lineno + 1 if _is_docstring(first) and first.end_lineno else 0
                length = (node.end_lineno or node.lineno) - node.lineno + 1 - doc
                if length > 50:
                    long[f"{path}:{node.lineno} {node.name}"] = length
    assert long == {}


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def test_public_names_are_documented() -> None:
    """Every public class and function of the product says what it means."""
    bare: list[str] = []
    for path in sorted(SOURCE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in [tree, *tree.body]:
            public = isinstance(node, ast.Module) or not getattr(node, "name", "_").startswith("_")
            documentable = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
            if public and isinstance(node, documentable) and not ast.get_docstring(node):
                bare.append(f"{path}: {getattr(node, 'name', 'module')}")
    assert bare == []
