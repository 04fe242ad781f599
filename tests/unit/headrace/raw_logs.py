"""RAW.LOGS for tests: envelopes as the collector makes them, in Parquet files as the embedded pipe writes them."""

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

COLUMNS = """
    SERVICE_ID varchar, REQUEST_ID varchar, REQUEST_TIMESTAMP timestamp, RESPONSE_ID varchar,
    RESPONSE_TIMESTAMP timestamp, CLIENT_ID varchar, DATA json, LOG_ID varchar, LOG_FILENAME varchar,
    LOG_FILE_ROW_NUMBER decimal(20, 0), LOG_TIMESTAMP timestamp
"""
NAMES = [column.split()[0] for column in COLUMNS.replace("(20, 0)", "").split(",")]
BEGINNING = datetime(2024, 3, 1, tzinfo=UTC)
LOADED = datetime(2024, 6, 1)
OUTPUTS = {
    "snowflake_database": "HEADRACE_TEST",
    "snowflake_schema": "RAW",
    "snowflake_table": "LOGS",
    "snowflake_warehouse": "HEADRACE_TEST_WH",
    "snowflake_role_rw": "HEADRACE_TEST_RW",
    "snowflake_user": "HEADRACE_TEST_USER",
}


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A hit as it was received. received: when, counted from BEGINNING. body: its parameters as they came.

    context, headers: what stands there instead of, or beside, the usual.
    """

    request_id: str | None
    client_id: str | None
    received: timedelta = timedelta()
    body: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, envelope: Mapping[str, Any]) -> "Hit":
        """The hit in an envelope of the collector's."""
        request, context = envelope["request"], envelope["context"]
        return cls(
            request_id=request["id"],
            client_id=context["client_id"],
            received=datetime.fromtimestamp(request["timestamp"] / 1000, UTC) - BEGINNING,
            body=request["body"],
            context=context,
            headers=request["headers"],
        )

    def envelope(self) -> dict[str, Any]:
        timestamp = round((BEGINNING + self.received).timestamp() * 1000)
        return {
            "service": {"id": "api.collect"},
            "context": {
                "protocol": "google-analytics-v1",
                "client_id": self.client_id,
                "user_id": None,
                "user_ip": "203.0.113.0",
                "user_agent": "Mozilla/5.0",
                "document_location": None,
                "document_referrer": None,
                **self.context,
            },
            "request": {
                "id": self.request_id,
                "timestamp": timestamp,
                "hostname": "127.0.0.1",
                "path": "/collect",
                "method": "POST",
                "headers": {"user-agent": "headrace-pumper", **self.headers},
                "body": dict(self.body),
            },
            "response": {"id": str(uuid.UUID(int=timestamp)), "timestamp": timestamp, "statusCode": 200, "headers": {}},
        }


def create(folder: Path) -> None:
    """The empty file that stands there as soon as the table exists."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as database:
        database.execute(f"create table logs ({COLUMNS})")
        write(database, folder / "0.parquet")


def load(
    folder: Path,
    hits: Iterable[Hit],
    *,
    object_name: str = "raw/2024/03/01/00/events.gz",
    loaded: datetime = LOADED,
) -> None:
    """One object's hits, loaded in their order. loaded: when, UTC without a zone."""
    rows: dict[str, list[Any]] = {name: [] for name in NAMES}
    for number, hit in enumerate(hits, 1):
        data = hit.envelope()
        received = (BEGINNING + hit.received).replace(tzinfo=None)
        log_id = str(uuid.uuid5(uuid.UUID("da69e958-fee3-428b-9dc3-e7586429fcfc"), f"{object_name}:{number}"))
        values = ["api.collect", hit.request_id, received, data["response"]["id"], received, hit.client_id]
        values += [json.dumps(data), log_id, object_name, number, loaded]
        for column, value in zip(rows.values(), values, strict=True):
            column.append(value)
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as database:
        database.execute(f"create table logs ({COLUMNS})")
        database.register("arrived", pa.table(rows))
        database.execute("insert into logs select * from arrived")
        write(database, folder / f"{uuid.uuid4()}.parquet")


def write(database: duckdb.DuckDBPyConnection, file: Path) -> None:
    place = str(file).replace("'", "''")
    database.execute(f"copy logs to '{place}' (format parquet)")


def stack(home: Path, name: str = "local", outputs: Mapping[str, Any] = OUTPUTS) -> Path:
    """A stack that looks deployed here, with an empty RAW.LOGS. Returns the folder of the table's files."""
    folder = home / name
    folder.mkdir(parents=True)
    (folder / "outputs.json").write_text(json.dumps(dict(outputs)))
    (folder / "environment.json").write_text(json.dumps({"AWS_REGION": "us-east-1"}))
    files = folder / "snowflake" / "HEADRACE_TEST" / "RAW" / "LOGS"
    create(files)
    return files
