"""A table of the embedded account as the pipe needs it: its columns, and the folder its rows lie in.

Rows are Parquet files. The first, empty one comes with the table and fixes the columns' types for all others.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embedded.snowflake.catalogue import Catalogue

LENGTH = re.compile(r"(?:VAR)?CHAR(?:ACTER)?\((\d+)\)|(?:STRING|TEXT)\((\d+)\)", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """length: the most characters it takes, None for no limit."""

    name: str
    nullable: bool
    length: int | None


@dataclass(frozen=True)
class Table:
    """A table and where its rows lie."""

    name: str
    folder: Path
    columns: tuple[Column, ...]


def table(catalogue: Catalogue, name: str) -> Table:
    """A table of the catalogue by its full name. Raises KeyError where there is none."""
    properties = catalogue.get("TABLE", name)
    columns = tuple(_column(column) for column in properties["columns"])
    return Table(name, catalogue.path.parent.joinpath(*parts(name)), columns)


def parts(name: str) -> list[str]:
    """The parts of a full quoted name (`"DB"."RAW"."LOGS"`), without their quotes."""
    return [part.replace('""', '"') for part in re.findall(r'"((?:[^"]|"")*)"', name)]


def _column(properties: dict[str, Any]) -> Column:
    found = LENGTH.fullmatch(properties["type"].replace(" ", ""))
    length = int(found.group(1) or found.group(2)) if found else None
    return Column(properties["name"], properties.get("nullable", True), length)
