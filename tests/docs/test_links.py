"""No link leads nowhere."""

from pathlib import Path

import pytest

from docs.pages import PAGES, ROOT, anchors, links


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links(page: Path) -> None:
    """The file is there, and the heading in it."""
    broken = []
    for link in links(page):
        if link.startswith(("https://", "http://", "mailto:")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_every_page_can_be_found() -> None:
    """The README leads to each page of docs/, and every picture is shown somewhere."""
    linked = {(page.parent / link.partition("#")[0]).resolve() for page in PAGES for link in links(page)}
    from_readme = {(ROOT / link.partition("#")[0]).resolve() for link in links(ROOT / "README.md")}
    assert {page for page in (ROOT / "docs").glob("*.md") if page not in from_readme} == set()
    assert {picture for picture in (ROOT / "docs" / "pictures").iterdir() if picture not in linked} == set()


def test_anchors_are_made_as_github_makes_them(tmp_path: Path) -> None:
    """Blanks, punctuation, code, capitals."""
    page = tmp_path / "page.md"
    page.write_text("# Two words\n\n## What is `missing`, and why?\n\n    # no heading\n\n### no-master\n")
    assert anchors(page) == {"two-words", "what-is-missing-and-why", "no-master"}
