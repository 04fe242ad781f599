"""RAW.LOGS: the one definition of its columns, from which the table, the COPY statement and the docs are made.

`$1` is one envelope: one line of an object that Firehose wrote.
"""

from collections.abc import Sequence
from dataclasses import dataclass

# The namespace that makes a row's id out of its place, so that loading a file again gives the same ids.
LOG_ID_NAMESPACE = "da69e958-fee3-428b-9dc3-e7586429fcfc"

CLUSTER_BY = ("TO_DATE(REQUEST_TIMESTAMP)", "SERVICE_ID")


@dataclass(frozen=True)
class Column:
    """One column: its Snowflake type, the expression over `$1` and the file's metadata, and what it means."""

    name: str
    type: str
    expression: str
    description: str
    nullable: bool = True


def text(path: str, length: int) -> str:
    """A path of the envelope as trimmed lower-case text of at most `length` characters; empty becomes NULL."""
    return f"NULLIF(SUBSTR(LOWER(TRIM($1:{path}::STRING)), 1, {length}), '')"


def time(path: str) -> str:
    """A path of the envelope in epoch milliseconds as UTC time."""
    return f"TO_TIMESTAMP_NTZ($1:{path}::INT, 3)"


COLUMNS = (
    Column(
        "SERVICE_ID",
        "VARCHAR(254)",
        f"COALESCE({text('service.id', 254)}, 'unknown')",
        "The service that received the event, `api.collect` for the collector.",
        nullable=False,
    ),
    Column(
        "REQUEST_ID",
        "VARCHAR(36)",
        text("request.id", 36),
        "The event's own id: the key by which repeated deliveries of one event are told.",
    ),
    Column("REQUEST_TIMESTAMP", "TIMESTAMP_NTZ(9)", time("request.timestamp"), "When the event was received, UTC."),
    Column("RESPONSE_ID", "VARCHAR(36)", text("response.id", 36), "The id given back with the answer."),
    Column("RESPONSE_TIMESTAMP", "TIMESTAMP_NTZ(9)", time("response.timestamp"), "When it was answered, UTC."),
    Column(
        "CLIENT_ID",
        "VARCHAR(254)",
        text("context.client_id", 254),
        "The device or browser, as its tracker names it.",
    ),
    Column("DATA", "VARIANT", "$1", "The whole envelope: service, context, request, response.", nullable=False),
    Column(
        "LOG_ID",
        "VARCHAR(36)",
        f"LOWER(UUID_STRING('{LOG_ID_NAMESPACE}', CONCAT(METADATA$FILENAME, ':', METADATA$FILE_ROW_NUMBER)))",
        "The row's id: UUIDv5 of its file and row number.",
        nullable=False,
    ),
    Column("LOG_FILENAME", "VARCHAR", "METADATA$FILENAME", "The S3 object it was loaded from.", nullable=False),
    Column(
        "LOG_FILE_ROW_NUMBER",
        "NUMBER(20,0)",
        "METADATA$FILE_ROW_NUMBER",
        "Its line in that object, from 1.",
        nullable=False,
    ),
    Column(
        "LOG_TIMESTAMP",
        "TIMESTAMP_NTZ(9)",
        "CONVERT_TIMEZONE('UTC', METADATA$START_SCAN_TIME)::TIMESTAMP_NTZ",
        "When it was loaded, UTC. Increments of the transformations go by it.",
        nullable=False,
    ),
)


def copy_statement(table: str, stage: str, files: Sequence[str] = ()) -> str:
    """The pipe's COPY statement. A line that can not be read is skipped and counted, so that it holds up no other.

    files: paths below the stage, at most 1,000, to load these by hand, whether they were loaded before or not.
    """
    names = ",\n  ".join(f'"{column.name}"' for column in COLUMNS)
    expressions = ",\n    ".join(column.expression for column in COLUMNS)
    statement = f"COPY INTO {table} (\n  {names}\n)\nFROM (\n  SELECT\n    {expressions}\n  FROM @{stage}\n)\n"
    if not files:
        return f"{statement}ON_ERROR = CONTINUE"
    listed = ",\n  ".join("'" + file.replace("\\", "\\\\").replace("'", "''") + "'" for file in files)
    return f"{statement}FILES = (\n  {listed}\n)\nON_ERROR = CONTINUE\nFORCE = TRUE"
