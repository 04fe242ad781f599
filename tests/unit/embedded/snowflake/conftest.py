"""A table of the embedded account for the pipe's tests."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from embedded.snowflake.catalogue import Catalogue
from embedded.snowflake.tables import Table, table

TYPES = {"VARIANT": "JSON", "TIMESTAMP_NTZ(9)": "TIMESTAMP", "NUMBER(20,0)": "DECIMAL(20, 0)"}
NAME = '"DB"."RAW"."LOGS"'


@pytest.fixture
def make_table(tmp_path: Path) -> Callable[..., Table]:
    """Makes "DB"."RAW"."LOGS" of columns given as (name, Snowflake type, nullable), with its empty first file."""

    def make(*columns: tuple[str, str, bool]) -> Table:
        catalogue = Catalogue(tmp_path / "catalogue.json")
        described = [{"name": name, "type": kind, "nullable": nullable} for name, kind, nullable in columns]
        catalogue.put("TABLE", NAME, {"columns": described})
        made = table(catalogue, NAME)
        made.folder.mkdir(parents=True, exist_ok=True)
        selected = ", ".join(f'CAST(NULL AS {TYPES.get(kind, "VARCHAR")}) AS "{name}"' for name, kind, _ in columns)
        duckdb.connect().execute(
            f"COPY (SELECT {selected} WHERE FALSE) TO '{made.folder / '0-empty.parquet'}' (FORMAT parquet)"
        )
        return made

    return make
