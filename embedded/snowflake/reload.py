"""Objects loaded once more: their rows come anew before the earlier ones leave, so that at no moment rows are missing.

Between `load` and `finish` a row may be there twice, with one log id and two load times; whatever ends the process,
loading again mends it. The pipe may go on meanwhile.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from embedded.snowflake.catalogue import Catalogue, quoted
from embedded.snowflake.copy import CopyError, parse
from embedded.snowflake.deletion import thin_out
from embedded.snowflake.expressions import FILENAME
from embedded.snowflake.history import History, Load
from embedded.snowflake.loading import Content, append, recover, writing
from embedded.snowflake.tables import Table, table

EVERY_FILE = 2**31 - 1  # a batch number above all


class Reload:
    """Loads objects through one pipe's statement, in batches, then takes out all rows they had before."""

    def __init__(self, catalogue: Catalogue, history: History, pipe: str) -> None:
        """pipe: its full name. Raises KeyError where there is none, CopyError where its rows do not tell their object.

        Puts right what an interrupted load left.
        """
        self._history, self._pipe = history, pipe
        self._copy = parse(catalogue.get("PIPE", pipe)["copyStatement"])
        if FILENAME not in self._copy.expressions:
            raise CopyError(f"the pipe {pipe} keeps no METADATA$FILENAME, so its rows do not tell their object")
        self._filename = quoted(self._copy.columns[self._copy.expressions.index(FILENAME)])
        self._table: Table = table(catalogue, self._copy.table)
        self._batches: list[list[str]] = []
        self._first_seen: dict[Path, int] = {}  # the batch before which a file of earlier rows was there
        self._own: set[Path] = set()
        recover(catalogue, history, self._table)
        self._look()

    def load(self, contents: Sequence[Content]) -> list[Load]:
        """Adds a batch's rows; returns what became of each object, in the order given."""
        with writing(self._table):
            self._look()
            loads = append(self._history, self._pipe, self._copy, self._table, contents, again=True)
        self._own |= {self._table.folder / load.rows_file for load in loads if load.rows_file}
        self._batches.append([one.path for one in contents])
        return loads

    def finish(self, gone: Iterable[str]) -> None:
        """Takes out the rows that the loaded objects had before, and all rows of objects that are `gone`."""
        gone = list(gone)
        leaving = [(name, number) for number, names in enumerate(self._batches) for name in names]
        leaving += [(name, EVERY_FILE) for name in gone]
        columns = {
            "name": pa.array([name for name, _ in leaving], pa.string()),
            "batch": pa.array([number for _, number in leaving], pa.int32()),
        }
        with duckdb.connect() as database:
            database.execute("SET threads = 2; SET TimeZone = 'UTC'")
            database.register("given", pa.table(columns))
            database.execute("CREATE TABLE leaving AS SELECT * FROM given")
            for file, seen in sorted(self._first_seen.items()):
                leaves = f"{self._filename} IN (SELECT name FROM leaving WHERE batch >= {seen})"  # noqa: S608 - our own
                thin_out(database, file, leaves)
        self._history.remove(self._pipe, gone)

    def _look(self) -> None:
        """Notes the files that are there now. What the pipe adds later holds none of the batches' objects: it knows
        them by name."""
        for file in self._table.folder.glob("*.parquet"):
            if file not in self._own:
                self._first_seen.setdefault(file, len(self._batches))
