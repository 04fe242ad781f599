"""A small dataset, and what is made of it."""

import pytest

from pumper.catalogue import Catalogue
from pumper.google_analytics import GoogleAnalytics
from pumper.rows import BROWSING_FILE, CATALOGUE_FILE, COLUMNS, SEARCH_FILE
from pumper.visitors import Visitors

START = 1_547_528_580_000


@pytest.fixture
def write_dataset(tmp_path):
    """Writes a dataset of lines without headers into a folder and gives the folder."""

    def write(browsing=(), searches=(), products=(), folder=tmp_path / "dataset"):
        folder.mkdir(exist_ok=True)
        for name, lines in ((BROWSING_FILE, browsing), (SEARCH_FILE, searches), (CATALOGUE_FILE, products)):
            content = "".join(f"{line}\n" for line in [",".join(COLUMNS[name]), *lines])
            (folder / name).write_text(content, encoding="utf-8", newline="\n")
        return folder

    return write


@pytest.fixture
def encoder():
    return GoogleAnalytics(Catalogue({}, [""]), Visitors(pool=4, seed=1), salt=0)


@pytest.fixture
def silent():
    """Progress that nobody looks at."""
    return lambda *_: None
