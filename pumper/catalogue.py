"""What the pumper knows of a product: its category, and a price made from its price bucket.

The dataset tells prices as ten buckets of equal size and has none for half of the catalogue; many of the purchased
products are not in the catalogue at all. So every product gets a price that depends on its sku alone, within the
range of its bucket, and where the bucket is missing within that of a bucket chosen by the sku. Money is whole cents.
"""

import csv
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pumper.rows import CATALOGUE_FILE, COLUMNS, BadRows, check_header

PRICE_RANGES = (
    (199, 500),
    (500, 1_000),
    (1_000, 1_500),
    (1_500, 2_500),
    (2_500, 4_000),
    (4_000, 6_000),
    (6_000, 9_000),
    (9_000, 14_000),
    (14_000, 25_000),
    (25_000, 80_000),
)
"""Cents from and below, for bucket 1 to 10. Our choice: the dataset gives no amounts."""

BRANDS = ("Alder", "Birch", "Cedar", "Elm", "Hazel", "Juniper", "Larch", "Maple", "Oak", "Rowan", "Willow", "Yew")
VARIANTS = ("black", "white", "blue", "red", "green", "grey")


class Product(NamedTuple):
    """A product as a shop would name it. `price` in cents."""

    sku: str
    name: str
    brand: str
    category: str
    variant: str
    price: int


class Catalogue:
    """Category and price bucket by sku: some ten megabytes for the 66,386 products of the full dataset."""

    def __init__(self, entries: dict[str, int], categories: list[str]) -> None:
        self._entries, self._categories = entries, categories

    def __len__(self) -> int:
        return len(self._entries)

    def product(self, sku: str) -> Product:
        """Any sku has a product, in the catalogue or not."""
        digest = zlib.crc32(sku.encode("utf-8", "replace"))
        category, bucket = divmod(self._entries.get(sku, 0), _BUCKETS)
        low, high = PRICE_RANGES[(bucket or digest % len(PRICE_RANGES) + 1) - 1]
        return Product(
            sku=sku,
            name=f"Product {sku[:8]}",
            brand=BRANDS[digest // 16 % len(BRANDS)],
            category=self._categories[category],
            variant=VARIANTS[digest // 256 % len(VARIANTS)],
            price=low + digest // 64 % (high - low),
        )

    @classmethod
    def read(cls, folder: Path, bad: BadRows) -> "Catalogue":
        """Reads sku_to_content.csv. Raises Problem when it is missing or has other columns."""
        path = folder / CATALOGUE_FILE
        check_header(path)
        entries: dict[str, int] = {}
        numbers = {"": 0}
        for line, fields in _fields(path, bad):
            sku, _description, category, _image, price_bucket = fields
            bucket = _bucket(price_bucket)
            if not sku or bucket is None:
                bad.add(CATALOGUE_FILE, line, f"price_bucket '{price_bucket[:40]}'" if sku else "no product_sku_hash")
                continue
            entries[sku] = numbers.setdefault(category, len(numbers)) * _BUCKETS + bucket
        return cls(entries, list(numbers))


_BUCKETS = 16  # room for bucket 0 (none) to 10 beside the category's number


def _fields(path: Path, bad: BadRows) -> Iterator[tuple[int, list[str]]]:
    expected = len(COLUMNS[CATALOGUE_FILE])
    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        reader = csv.reader(file)
        while True:
            try:
                fields = next(reader, None)
            except csv.Error as error:
                bad.add(CATALOGUE_FILE, reader.line_num, f"not CSV ({error})")
                continue
            if fields is None:
                return
            if reader.line_num == 1:
                continue
            if len(fields) == expected:
                yield reader.line_num, fields
            else:
                bad.add(CATALOGUE_FILE, reader.line_num, f"{len(fields)} columns, expected {expected}")


def _bucket(text: str) -> int | None:
    """1 to 10, 0 for none, None for what is not a bucket."""
    if not text:
        return 0
    whole, _, fraction = text.partition(".")
    if whole.isascii() and whole.isdigit() and not fraction.strip("0") and 1 <= int(whole[:4]) <= len(PRICE_RANGES):
        return int(whole)
    return None
