"""The documents as text: headings, links, and what stands in code."""

import re
import string
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md"), *ROOT.glob("themes/*.md"), *ROOT.glob("sample_clusters/*.md")])

_LINK = re.compile(r"!?\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`[^`\n]*`")
_KEPT = string.ascii_lowercase + string.digits + "-_"


def read(page: Path) -> str:
    """The text of a page."""
    return page.read_text(encoding="utf-8")


def links(page: Path) -> Iterator[str]:
    """Where the links of a page lead; not those in code."""
    text = "\n".join(line for line in read(page).splitlines() if not line.startswith("    "))
    yield from _LINK.findall(_CODE.sub("", text))


def anchors(page: Path) -> set[str]:
    """What a link may point to, as GitHub makes it of headings: small letters, hyphens for blanks, no punctuation."""
    headings = (line.lstrip("#").strip() for line in read(page).splitlines() if re.match(r"#{1,6} ", line))
    return {"".join(c for c in heading.lower().replace(" ", "-") if c in _KEPT) for heading in headings}


def commands(page: Path) -> Iterator[str]:
    """What is typed: the lines of indented blocks that begin with lvstop, without what is said of them."""
    for line in read(page).splitlines():
        if line.startswith("    lvstop"):
            yield re.split(r" +#|(?<=\S)  +", line.strip())[0]
