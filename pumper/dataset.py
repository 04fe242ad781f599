"""The dataset of one run, opened: its rows in the wanted order, its catalogue, its visitors."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from pathlib import Path

from pumper.catalogue import Catalogue
from pumper.hits import Encoder
from pumper.order import Ordered, open_ordered
from pumper.rows import BROWSING_FILE, CATALOGUE_FILE, SEARCH_FILE, BadRows, check_header
from pumper.searches import Searches, open_searches
from pumper.source import FileOrder, Source, TimeOrder
from pumper.synthetic import Size, generate
from pumper.trackers import GOOGLE_ANALYTICS, encoder
from pumper.visitors import Visitors, pool_size

ShowReading = Callable[[str, int, int], None]
_FORMAT = 1  # of what is kept between runs; another number makes it anew


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """An opened dataset."""

    source: Source
    catalogue: Catalogue
    visitors: Visitors

    def encoder(self, salt: int, tracker: str = GOOGLE_ANALYTICS) -> Encoder:
        return encoder(tracker, self.catalogue, self.visitors, salt=salt)


def prepare(folder: Path, stack: Path, *, by_time: bool, show: ShowReading) -> Ordered | None:
    """Makes what takes a pass over the files, unless an earlier run did. Gives what is in the order of time.

    Raises Problem when a file is missing or has other columns.
    """
    for name in (BROWSING_FILE, SEARCH_FILE, CATALOGUE_FILE):
        check_header(folder / name)
    cache = _cache(folder, stack)
    if by_time:
        return open_ordered(folder, cache, BadRows(), show)
    open_searches(folder, cache, BadRows(), show).close()
    return None


@contextmanager
def open_dataset(
    folder: Path, stack: Path, *, by_time: bool, seed: int, bad: BadRows, show: ShowReading
) -> Iterator[Dataset]:
    """Opens a dataset. What takes a pass over the files is kept in the stack's folder for the next run.

    Raises Problem when a file is missing or has other columns.
    """
    for name in (BROWSING_FILE, SEARCH_FILE, CATALOGUE_FILE):
        check_header(folder / name)
    cache = _cache(folder, stack)
    visitors = Visitors(pool=pool_size((folder / BROWSING_FILE).stat().st_size), seed=seed)
    catalogue = Catalogue.read(folder, bad)
    if by_time:
        ordered = open_ordered(folder, cache, bad, show)
        yield Dataset(source=TimeOrder(ordered, bad), catalogue=catalogue, visitors=visitors)
        return
    searches: Searches = open_searches(folder, cache, bad, show)
    try:
        source = FileOrder(folder, searches, bad)
        yield Dataset(source=source, catalogue=catalogue, visitors=visitors)
    finally:
        searches.close()


def last_time(ordered: Ordered, folder: Path, stack: Path, *, limit: int | None, seed: int) -> int:
    """Epoch ms of the last hit that a replay of so many hits sends; 0 when there is none."""
    if ordered.rows == 0:
        return 0
    if limit is None or limit >= ordered.rows:
        return ordered.last
    last = 0
    with open_dataset(folder, stack, by_time=True, seed=seed, bad=BadRows(), show=lambda *_: None) as dataset:
        encode = dataset.encoder(0).hits
        hits = (hit for run in dataset.source.runs(None) for hit in encode(run))
        for hit in islice(hits, limit):
            last = max(last, hit.timestamp)
    return last


def _cache(folder: Path, stack: Path) -> Path:
    return stack / "pumper" / f"dataset-{fingerprint(folder)}"


def fingerprint(folder: Path) -> str:
    """Changes with the place, size or time of the files that rows come from."""
    stats = [(folder / name).stat() for name in (BROWSING_FILE, SEARCH_FILE)]
    told = f"{_FORMAT} {folder.resolve()} {[(stat.st_size, stat.st_mtime_ns) for stat in stats]}"
    return blake2b(told.encode(), digest_size=8).hexdigest()


def synthetic_dataset(stack: Path, *, events: int, seed: int, show: ShowReading) -> Path:
    """The folder of a synthetic dataset with at least so many events, made when it is not there yet."""
    folder = stack / "pumper" / f"synthetic-{seed}-{events}"
    if not folder.exists():
        unfinished = folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        # Rows of one purchase become one hit, and days are few enough for a day to have something to tell.
        size = Size(events=events + events // 50 + 50, days=max(2, min(59, events // 1_000)))
        generate(unfinished, size, seed=seed, show=show)
        unfinished.rename(folder)
    return folder
