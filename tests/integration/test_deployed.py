"""The whole program in the embedded cloud: its own functions, roles and streams carry an event to its row."""

import time
from typing import Any

import duckdb
import urllib3

from embedded.cloud.cloud import Cloud, answers
from embedded.cloud.ports import HOST
from embedded.snowflake.history import History
from tests.integration.waiting import until


def test_every_event_of_many_requests_is_one_row(cloud: Cloud, deployed: dict[str, Any]):
    hits = [f"v=1&tid=UA-1&cid=visitor-{number % 7}&t=pageview&dp=/{number}&z={number}" for number in range(200)]
    history = History.of_stack(cloud.folder)
    before = history.totals()["rows_loaded"]
    for start in range(0, len(hits), 20):
        body = "\n".join(hits[start : start + 20]).encode()
        assert urllib3.request("POST", deployed["batch_url"], body=body, timeout=30.0).status == 200
    deadline = time.monotonic() + 120
    while history.totals()["rows_loaded"] - before < len(hits):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    rows = cloud.folder / "snowflake" / deployed["snowflake_database"] / "RAW" / deployed["snowflake_table"]
    found = duckdb.connect().execute(
        "SELECT count(*), count(DISTINCT REQUEST_ID), count(DISTINCT CLIENT_ID), count(DISTINCT LOG_ID), "
        f"bool_and(SERVICE_ID = 'api.collect') FROM read_parquet('{rows}/*.parquet') "
        "WHERE CLIENT_ID LIKE 'visitor-%'"  # other tests use the stack too
    )
    assert found.fetchone() == (200, 200, 7, 200, True)


def test_a_bad_hit_is_a_bad_row_in_the_lake(cloud: Cloud, deployed: dict[str, Any]):
    before = streams(cloud)[deployed["bad_delivery_stream"]]["delivered_records"]  # other tests use the stack too
    assert urllib3.request("POST", deployed["collect_url"], body=b"v=1&t=pageview", timeout=30.0).status < 500
    until(lambda: streams(cloud)[deployed["bad_delivery_stream"]]["delivered_records"] > before)
    assert not any(stream["error"] for stream in streams(cloud).values())


def streams(cloud: Cloud) -> dict[str, Any]:
    """The delivery streams by name, as the runtime tells of them."""
    assert cloud.running is not None
    health = answers(f"http://{HOST}:{cloud.running.ports.firehose}/_headrace/health")
    assert health is not None
    return {stream["name"]: stream for stream in health["delivery"]}
