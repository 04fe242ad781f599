"""The benchmarks' rows are what the collector and the pipe would have written, and as many as their figures say."""

import json
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from benchmarks.raw_rows import Figures, Traffic, figures, hits, make_purchases, write
from infrastructure.components.raw_logs import COLUMNS, LOG_ID_NAMESPACE
from shared.envelope import Envelopes, Hit, Request

EPOCH = datetime(1970, 1, 1)
ROWS, INCREMENT = 24_000, 500


def made(folder: Path, seed: int) -> tuple[list[dict[str, Any]], Figures, Figures]:
    """The rows in load order, and the figures without and with the increment."""
    with duckdb.connect() as database:
        hits(database, Traffic(rows=ROWS, increment=INCREMENT, seed=seed))
        make_purchases(database)
        write(database, folder / "base", 1, ROWS)
        write(database, folder / "increment", ROWS + 1, ROWS + INCREMENT)
        found = database.execute(
            f"select * from '{folder}/*/*.parquet' order by LOG_TIMESTAMP, LOG_FILENAME, LOG_FILE_ROW_NUMBER"
        )
        names = [column[0] for column in found.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        return rows, figures(database, ROWS), figures(database, ROWS + INCREMENT)


@pytest.fixture(scope="module")
def traffic(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[dict[str, Any]], Figures, Figures]:
    return made(tmp_path_factory.mktemp("rows"), 1)


@pytest.fixture(scope="module")
def rows(traffic) -> list[dict[str, Any]]:
    return traffic[0]


def keys(value: Any) -> Any:
    """A document without its values; of lists and bodies, which hits fill differently, nothing."""
    if not isinstance(value, dict):
        return None
    return {name: None if name == "body" else keys(inner) for name, inner in value.items()}


def test_an_envelope_is_the_collectors(rows):
    request = Request(
        id="answer=",
        timestamp=1,
        method="POST",
        path="/batch",
        hostname="collect.example.com",
        source_ip="203.0.113.9",
        headers={"user-agent": "headrace-pumper", "content-type": "application/x-www-form-urlencoded"},
    )
    hit = Hit("id", "client", None, None, None, None, None, {})
    collected = json.loads(Envelopes(request, "google-analytics-v1", 2).line(hit))
    for row in rows[:500]:
        envelope = json.loads(row["DATA"])
        assert json.dumps(keys(envelope)) == json.dumps(keys(collected))
        assert row["DATA"] == json.dumps(envelope, separators=(",", ":"))
        assert row["REQUEST_ID"] == envelope["request"]["id"]
        assert row["CLIENT_ID"] == envelope["context"]["client_id"] == envelope["request"]["body"]["cid"]
        assert row["REQUEST_TIMESTAMP"] == EPOCH + timedelta(milliseconds=envelope["request"]["timestamp"])


def test_rows_have_the_columns_of_the_table_and_ids_of_their_own(rows):
    assert list(rows[0]) == [column.name for column in COLUMNS]
    assert len({row["LOG_ID"] for row in rows}) == ROWS + INCREMENT
    for row in rows[:500]:
        place = f"{row['LOG_FILENAME']}:{int(row['LOG_FILE_ROW_NUMBER'])}"
        assert row["LOG_ID"] == str(uuid.uuid5(uuid.UUID(LOG_ID_NAMESPACE), place))


def test_the_increment_is_loaded_after_the_base(tmp_path):
    made(tmp_path, 1)
    latest = duckdb.sql(f"select max(LOG_TIMESTAMP) from '{tmp_path}/base/*.parquet'").fetchall()
    earliest = duckdb.sql(f"select min(LOG_TIMESTAMP) from '{tmp_path}/increment/*.parquet'").fetchall()
    assert latest <= earliest


def test_the_figures_are_those_of_the_rows(traffic):
    rows, _, told = traffic
    first: dict[str, dict[str, Any]] = {}
    for row in rows:
        first.setdefault(row["REQUEST_ID"], json.loads(row["DATA"])["request"])
    bodies = [request["body"] for request in first.values()]
    purchases: dict[str, dict[str, str]] = {}
    for request in sorted(first.values(), key=lambda request: request["timestamp"]):
        if "ti" in request["body"]:
            purchases.setdefault(request["body"]["ti"], request["body"])
    counted = Figures(
        rows=len(rows),
        events=len(first),
        clients=len({body["cid"] for body in bodies}),
        pageviews=sum(body["t"] == "pageview" for body in bodies),
        searches=sum(body.get("ec") == "search" for body in bodies),
        details=sum(body.get("pa") == "detail" for body in bodies),
        transactions=len(purchases),
        revenue=sum(round(float(body["tr"]) * 100) for body in purchases.values()),
        items=sum(
            int(value)
            for body in purchases.values()
            for name, value in body.items()
            if name.startswith("pr") and name.endswith("qt")
        ),
    )
    assert counted == told
    assert counted.transactions > 0
    assert counted.events < counted.rows


def test_the_same_seed_makes_the_same_rows_and_another_seed_others(traffic, tmp_path):
    rows, base, both = traffic
    assert made(tmp_path / "again", 1) == (rows, base, both)
    others, *_ = made(tmp_path / "other", 2)
    assert not {row["REQUEST_ID"] for row in rows} & {row["REQUEST_ID"] for row in others}
