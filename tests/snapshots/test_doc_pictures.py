"""The pictures in docs/pictures/ are what the program draws: `make pictures` draws them again."""

import pytest

from support.doc_pictures import FOLDER, PICTURES, Picture, draw


@pytest.mark.parametrize("picture", PICTURES, ids=[picture.name for picture in PICTURES])
def test_the_picture_is_of_today(picture: Picture) -> None:
    """A picture that is older than the program shows something that an operator will not find."""
    assert (FOLDER / f"{picture.name}.svg").read_text(encoding="utf-8") == draw(picture)


def test_no_other_pictures() -> None:
    """Nothing lies there that nobody draws."""
    assert {file.name for file in FOLDER.iterdir()} == {f"{picture.name}.svg" for picture in PICTURES}


def test_nothing_is_loaded() -> None:
    """A picture needs nothing from elsewhere."""
    assert [file.name for file in FOLDER.iterdir() if "url(" in file.read_text().replace("url(#", "")] == []
