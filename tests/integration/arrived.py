"""What has come all the way: rows of RAW.LOGS in the session's deployed stack."""

import json
from typing import Any

import duckdb

from embedded.cloud.cloud import Cloud
from tests.integration.waiting import until


def arrived(cloud: Cloud, deployed: dict[str, Any], clients: str, number: int) -> list[dict[str, Any]]:
    """The envelopes of the clients whose ids begin with `clients` (in lower case), once there are `number` of them, in
    the order of their arrival in the collector."""
    folder = cloud.folder / "snowflake" / deployed["snowflake_database"] / "RAW" / deployed["snowflake_table"]
    read: set[str] = set()
    found: list[dict[str, Any]] = []

    def all_there() -> bool:
        nonlocal read
        files = {str(file) for file in folder.glob("*.parquet")}
        if files - read:
            read = files
            found[:] = _envelopes(sorted(files), clients)
        return len(found) >= number

    until(all_there, seconds=90.0)
    return found


def _envelopes(files: list[str], clients: str) -> list[dict[str, Any]]:
    rows = duckdb.connect().execute(
        "SELECT DATA FROM read_parquet(?) WHERE starts_with(CLIENT_ID, ?) "
        "ORDER BY REQUEST_TIMESTAMP, LOG_FILE_ROW_NUMBER",
        [files, clients],
    )
    return [json.loads(data) for (data,) in rows.fetchall()]
