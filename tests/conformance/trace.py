"""What lvstop saw of a pair, act by act, on record: the real pair has written it, and both are held against it."""

import json
from collections.abc import Mapping
from pathlib import Path

from conformance.sight import Sight, changes

RECORD = "--conformance-record"
UNCHANGED = "(unchanged)"
FOLDER = Path(__file__).parents[1] / "data" / "conformance"


class Trace:
    """The trace of one version: by chapter and act what is seen then that was not before."""

    def __init__(self, suite: str) -> None:
        self._path = FOLDER / f"{suite}.json"
        self._chapters = self._load()

    def expected(self, chapter: str, act: str) -> Sight | None:
        """What an act changes; None where that is not on record."""
        return self._chapters.get(chapter, {}).get(act)

    def record(self, chapter: str, steps: Mapping[str, Sight]) -> None:
        """Put a chapter on record in the place of what there was."""
        self._chapters = {**self._load(), chapter: steps}
        text = json.dumps(self._chapters, indent=1, ensure_ascii=False)
        self._path.write_text(text + "\n", encoding="utf-8")

    def _load(self) -> Mapping[str, Mapping[str, Sight]]:
        if not self._path.exists():
            return {}
        found: Mapping[str, Mapping[str, Sight]] = json.loads(self._path.read_text(encoding="utf-8"))
        return found


def unlike(expected: Sight, found: Sight) -> str:
    """What is not as expected, a line for each path; empty where all is."""
    paths = sorted(changes(expected, found))
    return "\n".join(
        f"  {path}: {found.get(path, UNCHANGED)!r}, on record {expected.get(path, UNCHANGED)!r}" for path in paths
    )
