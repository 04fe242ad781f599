"""The synthetic dataset's products: skus, how popular they are, and sku_to_content.csv."""

from bisect import bisect_right
from itertools import pairwise
from math import exp, log
from pathlib import Path
from random import Random
from typing import NamedTuple

from pumper import shape
from pumper.rows import CATALOGUE_FILE, COLUMNS

VIEWS_A_SKU = 100
"""Our choice: views for each viewed sku, so that small datasets have a shop of their size (the real one has 328)."""
FEWEST_SKUS = 100
_DESCRIBED, _PICTURED = 0.95, 0.90  # our choice: share of products with a description's and an image's vector
_PALETTE = 4_096  # floats that vectors are put together from: a repr is what costs time


class Sku(NamedTuple):
    """A product and the hashed address of its page."""

    id: str
    url: str


class Shop:
    """What can be viewed, by popularity, and what is only ever removed or bought."""

    def __init__(self, random: Random, *, details: int) -> None:
        viewed = max(FEWEST_SKUS, min(shape.VIEWED, details // VIEWS_A_SKU))
        self._random = random
        self.viewed = [Sku(hexadecimal(random), hexadecimal(random)) for _ in range(viewed)]
        """The most popular first."""
        hidden = max(1, viewed * shape.UNCATALOGUED // shape.VIEWED)
        self.uncatalogued = [Sku(hexadecimal(random), hexadecimal(random)) for _ in range(hidden)]
        self._palette = [repr(random.uniform(-1, 1)) for _ in range(_PALETTE)]

    def popular(self) -> Sku:
        """One of the viewed skus, the popular ones as often as TOP_VIEWS says."""
        return self.viewed[int(rank_at(self._random.random()) * len(self.viewed))]

    def unknown(self) -> Sku:
        """One that the catalogue does not have."""
        return self._random.choice(self.uncatalogued)

    def vector(self) -> str:
        """Fifty floats as Python's repr of a list, quoted for CSV."""
        return f'"[{", ".join(self._random.choices(self._palette, k=shape.VECTOR_LENGTH))}]"'

    def write_catalogue(self, folder: Path) -> None:
        """Writes sku_to_content.csv: what is viewed and, as in the dataset, about as much that nobody looks at."""
        random = self._random
        skus = [sku.id for sku in self.viewed]
        skus += [hexadecimal(random) for _ in range(len(skus) * (shape.CATALOGUED - shape.VIEWED) // shape.VIEWED)]
        random.shuffle(skus)
        categories = _categories(random)
        with (folder / CATALOGUE_FILE).open("w", encoding="ascii", newline="\n") as file:
            file.write(",".join(COLUMNS[CATALOGUE_FILE]) + "\n")
            for number, sku in enumerate(skus):
                description = self.vector() if random.random() < _DESCRIBED else ""
                image = self.vector() if random.random() < _PICTURED else ""
                # As many priced products as the share says, not only on average: small catalogues keep the share too.
                priced = int((number + 1) * shape.PRICED_SHARE) > int(number * shape.PRICED_SHARE)
                bucket = f"{random.randint(1, 10)}.0" if priced else ""
                file.write(f"{sku},{description},{random.choice(categories)},{image},{bucket}\n")


def rank_at(share: float) -> float:
    """Where in the order of popularity, 0 to 1, the views reach this share of all: the inverse of TOP_VIEWS."""
    at = min(bisect_right(_SHARES, share), len(_SHARES) - 1)
    low, high = _SHARES[at - 1], _SHARES[at]
    within = (share - low) / (high - low)
    if at == 1:
        return _RANKS[1] * within**2
    return min(exp(log(_RANKS[at - 1]) + within * log(_RANKS[at] / _RANKS[at - 1])), _ALMOST_ONE)


_RANKS = [0.0, *shape.TOP_VIEWS, 1.0]
_SHARES = [0.0, *shape.TOP_VIEWS.values(), 1.0]
_ALMOST_ONE = 1 - 1e-9
if any(low >= high for low, high in pairwise(_SHARES)):
    raise ValueError("TOP_VIEWS must rise")


def hexadecimal(random: Random) -> str:
    """64 digits, as all ids of the dataset have."""
    return f"{random.getrandbits(256):064x}"


def _categories(random: Random) -> list[str]:
    """Paths of hashes, mostly three levels below one of the roots. Our choice: 5 branches, then 6 leaves."""
    paths: list[str] = []
    for _ in range(shape.ROOT_CATEGORIES):
        root = hexadecimal(random)
        for _ in range(5):
            branch = f"{root}/{hexadecimal(random)}"
            leaves = [f"{branch}/{hexadecimal(random)}" for _ in range(6)]
            paths += [branch, *leaves, f"{leaves[0]}/{hexadecimal(random)}"]
    return paths
