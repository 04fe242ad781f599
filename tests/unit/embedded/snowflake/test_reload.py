"""Objects loaded once more: each row once in the end, and never missing in between."""

import json
from collections.abc import Callable

import duckdb
import pytest

from embedded.snowflake.catalogue import Catalogue
from embedded.snowflake.copy import CopyError, parse
from embedded.snowflake.history import History
from embedded.snowflake.loading import Content, append, recover, writing
from embedded.snowflake.reload import Reload
from embedded.snowflake.tables import Table

PIPE = '"DB"."RAW"."PIPE"'
STATEMENT = (
    'COPY INTO "DB"."RAW"."LOGS" (ID, FILE, AT) '
    "FROM (SELECT $1:id::STRING, METADATA$FILENAME, CONVERT_TIMEZONE('UTC', METADATA$START_SCAN_TIME)::TIMESTAMP_NTZ "
    'FROM @"DB"."RAW"."S") ON_ERROR = CONTINUE'
)


class Raw:
    """A table, the pipe that loads it, and what lies in its files."""

    def __init__(self, table: Table, catalogue: Catalogue) -> None:
        self.table, self.catalogue = table, catalogue
        self.history = History(catalogue.path.with_name("history.sqlite"))

    def pipe(self, *contents: Content) -> None:
        """What the pipe does with new objects."""
        with writing(self.table):
            new = [one for one in contents if not self.history.has(PIPE, one.path, one.etag)]
            if new:
                append(self.history, PIPE, parse(STATEMENT), self.table, new)

    def reload(self) -> Reload:
        return Reload(self.catalogue, self.history, PIPE)

    def rows(self) -> list[tuple[str, str]]:
        query = f"SELECT FILE, ID FROM read_parquet('{self.table.folder}/*.parquet') ORDER BY ALL"
        return duckdb.connect().execute(query).fetchall()

    def load_times(self) -> dict[str, list]:
        query = f"SELECT FILE, list(DISTINCT \"AT\") FROM read_parquet('{self.table.folder}/*.parquet') GROUP BY FILE"
        return dict(duckdb.connect().execute(query).fetchall())


@pytest.fixture
def raw(make_table: Callable[..., Table], tmp_path) -> Raw:
    table = make_table(("ID", "VARCHAR", False), ("FILE", "VARCHAR", False), ("AT", "TIMESTAMP_NTZ(9)", False))
    catalogue = Catalogue(tmp_path / "catalogue.json")
    catalogue.put("PIPE", PIPE, {"copyStatement": STATEMENT})
    return Raw(table, catalogue)


def made(path: str, *ids: str, etag: str = "1") -> Content:
    return Content(path, etag, 10, "\n".join(json.dumps({"id": one}) for one in ids).encode())


A, B, C = made("raw/a", "1", "2"), made("raw/b", "3"), made("raw/c", "4")
ALL = [("raw/a", "1"), ("raw/a", "2"), ("raw/b", "3"), ("raw/c", "4")]


def test_rows_come_anew_and_their_neighbours_in_the_same_file_stay(raw):
    raw.pipe(A, B)
    raw.pipe(C)
    before = raw.load_times()
    reload = raw.reload()
    reload.load([A])
    reload.load([C])
    reload.finish([])
    assert raw.rows() == ALL
    after = raw.load_times()
    assert {name: after[name] == before[name] for name in after} == {"raw/a": False, "raw/b": True, "raw/c": False}
    assert raw.history.totals() == {
        "objects": 3,
        "failed_objects": 0,
        "rows_parsed": 4,
        "rows_loaded": 4,
        "errors": 0,
    }


def test_between_the_steps_rows_are_there_twice_rather_than_missing_and_another_time_mends_it(raw):
    raw.pipe(A, B, C)
    raw.reload().load([A, B])
    assert sorted(set(raw.rows())) == ALL
    assert len(raw.rows()) == 7
    again = raw.reload()
    again.load([A, B, C])
    again.finish([])
    assert raw.rows() == ALL


def test_objects_that_are_gone_take_their_rows_along_and_are_loaded_should_they_come_back(raw):
    raw.pipe(A, B)
    raw.reload().finish(["raw/b", "raw/unknown"])
    assert raw.rows() == ALL[:2]
    raw.pipe(A, B)
    assert raw.rows() == ALL[:3]


def test_what_the_pipe_loads_meanwhile_is_loaded_once(raw):
    raw.pipe(A)
    reload = raw.reload()
    raw.pipe(B)  # listed for the replay, and loaded before it came to it
    reload.load([A, B, C])
    raw.pipe(C)  # announced before the replay loaded it
    raw.pipe(made("raw/d", "5"))
    reload.finish([])
    assert raw.rows() == [*ALL, ("raw/d", "5")]


def test_an_object_that_is_changed_meanwhile_is_for_the_next_reload(raw):
    raw.pipe(A)
    reload = raw.reload()
    reload.load([A])
    changed = made("raw/a", "new", etag="2")
    raw.pipe(changed)  # told of by S3, and known by its name
    reload.finish([])
    assert raw.rows() == ALL[:2]
    again = raw.reload()
    again.load([changed])
    again.finish([])
    assert raw.rows() == [("raw/a", "new")]


def test_an_object_without_a_good_line_any_more_has_no_rows_any_more(raw):
    raw.pipe(A, B)
    reload = raw.reload()
    (load,) = reload.load([Content("raw/a", "2", 1, b"{broken")])
    reload.finish([])
    assert (load.errors, raw.rows()) == (1, [("raw/b", "3")])


def test_a_load_that_was_cut_short_before_its_file_had_its_name_is_completed(raw):
    raw.pipe(A)
    (file,) = (path for path in raw.table.folder.glob("*.parquet") if path.name != "0-empty.parquet")
    (load,) = raw.history.loads()
    raw.history.add([load], pending=True, again=True)
    file.rename(file.with_suffix(".part"))
    (raw.table.folder / "stray.part").write_text("half a file")
    (raw.table.folder / "stray.new").write_text("half a file")
    recover(raw.catalogue, raw.history, raw.table)
    assert raw.rows() == ALL[:2]
    assert raw.history.pending() == []
    assert {path.suffix for path in raw.table.folder.iterdir()} == {".parquet", ""}


def test_a_load_whose_file_is_lost_is_forgotten(raw):
    raw.pipe(A)
    (load,) = raw.history.loads()
    raw.history.add([load], pending=True, again=True)
    (raw.table.folder / str(load.rows_file)).unlink()
    raw.reload()
    assert raw.history.loads() == []


def test_a_pipe_whose_rows_do_not_tell_their_object_can_not_be_replayed(raw):
    raw.catalogue.put("PIPE", PIPE, {"copyStatement": STATEMENT.replace("METADATA$FILENAME", "$1:id::STRING")})
    with pytest.raises(CopyError, match="keeps no METADATA"):
        raw.reload()
