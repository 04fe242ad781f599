"""Replaying into a Snowflake account: batch by batch, rows leave and come in one transaction.

Objects that RAW lacks and that were just delivered are Snowpipe's: it is about to load them, and does not know what a
COPY statement loads meanwhile.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from headrace.console import Problem
from headrace.replay.objects import Object, batches
from headrace.replay.period import PREFIX, delivered_at
from headrace.replay.raw import Outcome
from headrace.warehouse import Place, Warehouse, connected, refusals
from infrastructure.components.raw_logs import copy_statement

AT_ONCE_OBJECTS = 1000  # the most that COPY takes by name
AT_ONCE_BYTES = 8 * 1024**3  # compressed: minutes of an XSMALL warehouse, so that a transaction is not held for hours
SNOWPIPE_TAKES = timedelta(minutes=15)


class SnowflakeRaw:
    """RAW.LOGS of a stack's database."""

    def __init__(self, place: Place, published: dict[str, Any]) -> None:
        """Raises Problem for a stack whose outputs do not name its stage."""
        if "snowflake_stage" not in published:
            raise Problem("the stack does not say which stage its pipe reads", "run `make up`, which publishes it")
        self._place = place
        names = ("snowflake_database", "snowflake_schema", "snowflake_stage")
        self._stage = ".".join(f'"{published[name]}"' for name in names)

    def replace(self, objects: Sequence[Object], gone: Collection[str], loaded: Callable[[int], None]) -> Outcome:
        """See `Raw`. Raises Problem where Snowflake refuses a statement; the batch at hand is taken back then."""
        outcome = Outcome()
        cure = "what was committed stays; see to the cause and run the same command again"
        with (
            connected(self._place) as warehouse,
            refusals(self._place, "Snowflake refused to load RAW anew", cure),
        ):
            for batch in batches(objects, AT_ONCE_OBJECTS, AT_ONCE_BYTES):
                self._in_one(warehouse, [one.name for one in batch], outcome)
                loaded(sum(one.size for one in batch))
            names = sorted(gone)
            for first in range(0, len(names), AT_ONCE_OBJECTS):
                warehouse.rows(deletion(self._place.raw, names[first : first + AT_ONCE_OBJECTS]))
        return outcome

    def _in_one(self, warehouse: Warehouse, names: list[str], outcome: Outcome) -> None:
        """One batch's transaction; again without the objects that COPY passed over, so that their rows stay."""
        while names:
            warehouse.rows("BEGIN")
            try:
                warehouse.rows(deletion(self._place.raw, names))
                found = warehouse.rows(copying(self._place.raw, self._stage, names))
                taken, refused, failed = outcome_of(found, names)
                warehouse.rows("COMMIT" if not failed else "ROLLBACK")
            except BaseException:
                warehouse.rows("ROLLBACK")
                raise
            if not failed:
                outcome.refused += refused
                return
            outcome.unread |= failed
            names = taken


def deletion(raw: str, names: Sequence[str]) -> str:
    """Takes out the rows of these objects."""
    return f"DELETE FROM {raw} WHERE LOG_FILENAME IN ({', '.join(map(_text, names))})"  # noqa: S608 - quoted


def copying(raw: str, stage: str, names: Sequence[str]) -> str:
    """The pipe's statement for these objects, whether they were loaded before or not."""
    return copy_statement(raw, stage, files=[name.removeprefix(PREFIX) for name in names])


def outcome_of(found: Sequence[tuple[Any, ...]], names: Sequence[str]) -> tuple[list[str], int, dict[str, str]]:
    """What COPY answers, a row a file: which objects it took, how many lines it refused, and what it passed over, why.

    Columns: file, status, rows_parsed, rows_loaded, error_limit, errors_seen, first_error, …
    (<https://docs.snowflake.com/en/sql-reference/sql/copy-into-table#output>). The file is told with its bucket.
    """
    by_name = {_key(str(row[0])): row for row in found if len(row) > 3}
    taken = [name for name in names if name in by_name]
    failed = {name: "Snowflake did not find it" for name in names if name not in by_name}
    refused = sum(int(by_name[name][2]) - int(by_name[name][3]) for name in taken)
    return taken, refused, failed


def left_to_the_pipe(objects: Sequence[Object], known: Collection[str], now: datetime) -> set[str]:
    """Objects that RAW lacks because they have just been delivered. now: UTC, without a zone."""
    return {
        one.name
        for one in objects
        if one.name not in known and (moment := delivered_at(one.name)) is not None and now - moment < SNOWPIPE_TAKES
    }


def _key(file: str) -> str:
    """An object's name: the file's without `s3://<bucket>/`."""
    return file.removeprefix("s3://").partition("/")[2] if file.startswith("s3://") else file


def _text(name: str) -> str:
    """A name as a text of Snowflake's SQL, in which a backslash escapes."""
    return "'" + name.replace("\\", "\\\\").replace("'", "''") + "'"
