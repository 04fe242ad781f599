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

    def rows() -> list[dict[str, Any]]:
        if not list(folder.glob("*.parquet")):
            return []
        found = duckdb.connect().execute(
            "SELECT DATA FROM read_parquet(?) WHERE starts_with(CLIENT_ID, ?) "
            "ORDER BY REQUEST_TIMESTAMP, LOG_FILE_ROW_NUMBER",
            [f"{folder}/*.parquet", clients],
        )
        return [json.loads(data) for (data,) in found.fetchall()]

    until(lambda: len(rows()) >= number, seconds=90.0)
    return rows()
