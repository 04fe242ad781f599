"""Replaying into the embedded account: RAW is Parquet files, and the pipe's own statement makes them."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from embedded.providers.snowflake.tables import write_empty
from embedded.snowflake.catalogue import Catalogue, quoted
from embedded.snowflake.history import History
from embedded.snowflake.loading import Content, unpacked
from embedded.snowflake.reload import Reload
from headrace.console import Problem
from headrace.replay.objects import Object, batches, read
from headrace.replay.raw import Outcome

# A batch is in memory as a whole, and several times so while its rows are made. It is also a file of RAW.
AT_ONCE_OBJECTS = 1000
AT_ONCE_BYTES = 4 * 1024 * 1024  # compressed, about a tenth of the lines: some 30,000 events


class EmbeddedRaw:
    """RAW.LOGS in a stack's folder."""

    def __init__(self, folder: Path, published: dict[str, Any], s3: Any) -> None:
        """folder: the stack's. Makes the table's files anew where they were all removed. Raises Problem where the
        account has no such pipe."""
        self._catalogue = Catalogue(folder / "snowflake" / "catalogue.json")
        self._history = History.of_stack(folder)
        self._s3, self._bucket = s3, published["bucket"]
        in_schema = (published["snowflake_database"], published["snowflake_schema"])
        self._pipe = quoted(*in_schema, published["snowflake_pipe"])
        try:
            columns = self._catalogue.get("TABLE", quoted(*in_schema, published["snowflake_table"]))["columns"]
        except KeyError as error:
            raise Problem(f"the embedded account has no {error}", "run `make up`, which makes it") from error
        files = folder.joinpath("snowflake", *in_schema, published["snowflake_table"])
        if not any(files.glob("*.parquet")):
            write_empty(files, columns)

    def replace(self, objects: Sequence[Object], gone: Collection[str], loaded: Callable[[int], None]) -> Outcome:
        """See `Raw`. Raises Problem where the pipe's statement can not be used."""
        outcome = Outcome()
        reload = Reload(self._catalogue, self._history, self._pipe)
        for batch in batches(objects, AT_ONCE_OBJECTS, AT_ONCE_BYTES):
            contents = []
            for one, body in zip(batch, read(self._s3, self._bucket, batch), strict=True):
                try:
                    if isinstance(body, str):
                        raise ValueError(body)
                    contents.append(Content(one.name, one.etag, one.size, unpacked(body)))
                except ValueError as error:
                    outcome.unread[one.name] = str(error)
            if contents:
                outcome.refused += sum(load.errors for load in reload.load(contents))
            loaded(sum(one.size for one in batch))
        reload.finish(gone)
        return outcome
