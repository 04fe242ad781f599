"""What one row of the dataset says, and what makes a row bad.

The files are those of the Coveo SIGIR eCom 2021 data challenge: browsing_train.csv, search_train.csv and
sku_to_content.csv, with their columns in exactly this order.
"""

import csv
import re
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from headrace.console import Problem

BROWSING_FILE = "browsing_train.csv"
SEARCH_FILE = "search_train.csv"
CATALOGUE_FILE = "sku_to_content.csv"

COLUMNS = {
    BROWSING_FILE: [
        "session_id_hash",
        "event_type",
        "product_action",
        "product_sku_hash",
        "server_timestamp_epoch_ms",
        "hashed_url",
    ],
    SEARCH_FILE: [
        "session_id_hash",
        "query_vector",
        "clicked_skus_hash",
        "product_skus_hash",
        "server_timestamp_epoch_ms",
    ],
    CATALOGUE_FILE: [
        "product_sku_hash",
        "description_vector",
        "category_hash",
        "image_vector",
        "price_bucket",
    ],
}

ACTIONS = {
    ("pageview", ""): "pageview",
    ("event_product", "detail"): "detail",
    ("event_product", "click"): "click",
    ("event_product", "add"): "add",
    ("event_product", "remove"): "remove",
    ("event_product", "purchase"): "purchase",
}
SEARCH = "search"
LONGEST_TIMESTAMP = 14  # digits of epoch milliseconds: the year 5138

_LIST_ITEM = re.compile(r"[^\s,'\"\[\]]+")
_EXAMPLES = 3


class Search(NamedTuple):
    """A search without its vectors: who asked the same is told by `query`, a digest of the query's vector."""

    query: str
    results: int
    clicks: tuple[tuple[str, int], ...]
    """(sku, rank in the results counted from 1, 0 when it is not among them)."""


class Row(NamedTuple):
    """One event of one session. `timestamp` is epoch milliseconds, `action` one of ACTIONS' values or SEARCH."""

    session: str
    action: str
    sku: str
    timestamp: int
    url: str
    search: Search | None = None


class BadRow(ValueError):
    """A row that is not an event; the text says why."""


@dataclass
class BadRows:
    """The rows that were left out: how many, and the first few in words. With `strict` the first one ends the run."""

    strict: bool = False
    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, file: str, line: int, reason: str) -> None:
        self.recall(1, [f"{file}, line {line}: {reason}"])

    def recall(self, count: int, examples: list[str]) -> None:
        """Adds what an earlier pass over a file found."""
        self.count += count
        if self.strict and examples:
            raise Problem(examples[0], "mend the row, or leave out --strict to skip and count such rows")
        self.examples += examples[: max(0, _EXAMPLES - len(self.examples))]


def fields_of(line: str, file: str) -> list[str]:
    """The columns of one line, quoted ones too. Raises BadRow unless there are as many as the file has."""
    columns = COLUMNS[file]
    try:
        fields = next(csv.reader((line,), strict=True), [])
    except csv.Error as error:
        raise BadRow(f"not CSV ({error})") from None
    if len(fields) != len(columns):
        raise BadRow(f"{len(fields)} column{'s' * (len(fields) != 1)}, expected {len(columns)} ({columns[0]}, …)")
    return fields


def browsing_row(fields: list[str]) -> Row:
    """A row of browsing_train.csv. Raises BadRow."""
    session, event_type, product_action, sku, time, url = fields
    action = ACTIONS.get((event_type, product_action))
    if action is None:
        raise BadRow(f"unknown event_type and product_action '{event_type[:40]}', '{product_action[:40]}'")
    if not session:
        raise BadRow("no session_id_hash")
    if not sku and action != "pageview":
        raise BadRow(f"a product's {action} without product_sku_hash")
    return Row(session, action, sku, timestamp_of(time), url)


def search_row(fields: list[str]) -> Row:
    """A row of search_train.csv, without its vectors. Raises BadRow."""
    session, vector, clicked, products, time = fields
    if not session:
        raise BadRow("no session_id_hash")
    query = blake2b(vector.encode("utf-8", "replace"), digest_size=8).hexdigest() if vector else ""
    if not clicked:
        results = products.count(",") + 1 if products.strip("[] ") else 0
        return Row(session, SEARCH, "", timestamp_of(time), "", Search(query, results, ()))
    found = list_of(products)
    clicks = tuple((sku, found.index(sku) + 1 if sku in found else 0) for sku in list_of(clicked))
    return Row(session, SEARCH, "", timestamp_of(time), "", Search(query, len(found), clicks))


def timestamp_of(text: str) -> int:
    """Epoch milliseconds. Raises BadRow."""
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_TIMESTAMP):
        raise BadRow(f"server_timestamp_epoch_ms '{text[:40]}' is not a time in milliseconds")
    return int(text)


def list_of(text: str) -> list[str]:
    """The items of a list as Python's repr wrote it: `['a', 'b']`."""
    items = text[2:-2]
    if text == f"['{items}']" and items.replace("', '", "").isalnum():
        return items.split("', '")
    return _LIST_ITEM.findall(text)


def check_header(path: Path) -> int:
    """The length of a file's header in bytes. Raises Problem when the file or a column of it is missing."""
    try:
        with path.open("rb") as file:
            header = file.readline(10_000)
    except OSError as error:
        raise Problem(
            f"{path} can not be read ({error.strerror})",
            "DATA_FOLDER must hold browsing_train.csv, search_train.csv and sku_to_content.csv; "
            "leave it out to use a synthetic dataset",
        ) from error
    found = header.decode("utf-8-sig", "replace").strip()
    expected = ",".join(COLUMNS[path.name])
    if found != expected:
        seen = found[:200] if found.isprintable() else "what is no text (is it still packed?)"
        raise Problem(
            f"{path}, line 1: expected columns {expected}, found {seen or 'nothing'}",
            "use the file as it was published",
        )
    return len(header)
