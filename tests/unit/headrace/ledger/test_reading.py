"""What the book is given: by logs, whatever else they hold, by the bucket as it is now, by the streams."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.console import Problem
from headrace.ledger.book import opened
from headrace.ledger.logs import Application, Logs, find_applications, request_key
from headrace.ledger.objects import Bucket, bad_row_of, event_of
from headrace.ledger.streams import note_readers, read_stream
from headrace.ledger.tables import first_object
from tests.unit.headrace.ledger.worlds import NOON, S3, CloudWatch, account_line, envelope, world

MEMORY = Path(":memory:")


@pytest.mark.parametrize("tokens", [True, False])
def test_every_account_is_read_once_however_logs_are_paged(tokens, monkeypatch):
    monkeypatch.setattr("headrace.ledger.logs.EVENTS_A_CALL", 3)
    lines = [account_line(f"request-{number}") for number in range(10)]
    with opened(MEMORY) as book:
        logs = Logs(CloudWatch(*lines, at_once=3, tokens=tokens), book)
        logs.read_requests("group")
        logs.read_requests("group", whole=True)
        assert book.rows("select count(*) from requests") == [(10,)]


def test_lines_that_are_no_accounts_are_passed_over():
    lines = ['START "received_at"', "[1]", '{"message":"other","received_at":1}', account_line("a", bad={"late": 2})]
    with opened(MEMORY) as book:
        Logs(CloudWatch(*lines, at_once=100, tokens=True), book).read_requests("group")
        assert book.rows("select request, accepted from requests") == [("a", 1)]
        assert book.rows("select reason, told from bad_told") == [("late", 2)]


def test_an_object_is_known_as_it_is_now():
    s3 = S3()
    with opened(MEMORY) as book:
        bucket = Bucket(s3, "bucket", book)
        lines = [envelope("A", "one"), b"", envelope("A", "two"), b"not ours"]
        s3.objects[S3.NAME] = gzip.compress(b"\n".join(lines))
        s3.objects[f"{S3.NAME}-2"] = envelope("B", "three")
        bucket.read_events(NOON)
        assert book.rows("select request, event from lines order by 2") == [("a", "one"), ("b", "three"), ("a", "two")]
        assert book.rows("select sum(unreadable) from objects") == [(1,)]
        del s3.objects[f"{S3.NAME}-2"]
        s3.objects[S3.NAME] = envelope("A", "one")
        bucket.read_events(NOON)
        assert book.rows("select request, event from lines") == [("a", "one")]


def test_what_was_put_again_does_not_wait_any_more():
    s3 = S3()
    with opened(MEMORY) as book:
        bucket = Bucket(s3, "bucket", book)
        spilled = {"target": "events", "key": "k", "data": envelope("A", "one").decode()}
        s3.objects["spill/a"] = json.dumps(spilled).encode() + b"\nbroken"
        bucket.read_spilled()
        assert book.rows("select target, request, item from spilled") == [("events", "a", "one")]
        s3.objects.clear()
        bucket.read_spilled()
        assert book.rows("select * from spilled") == []


@settings(max_examples=50)
@given(st.one_of(st.binary(), st.recursive(st.none() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())))
def test_a_line_is_an_event_or_is_refused_in_a_way_that_is_expected(line):
    for row_of in (event_of, bad_row_of):
        with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
            row_of(line)


class Kinesis:
    """One shard, into which more comes whenever it is read; it keeps records for a day."""

    def __init__(self, arrived_at: datetime) -> None:
        self.arrived_at, self.reads = arrived_at, 0

    def describe_stream_summary(self, **_: str) -> dict[str, Any]:
        return {"StreamDescriptionSummary": {"RetentionPeriodHours": 24, "StreamARN": "arn"}}

    def get_paginator(self, _: str) -> "Kinesis":
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        return [{"Shards": [{"ShardId": "shard-0"}]}]

    def get_shard_iterator(self, **_: str) -> dict[str, str]:
        return {"ShardIterator": "iterator"}

    def get_records(self, **_: Any) -> dict[str, Any]:
        self.reads += 1
        record = {"SequenceNumber": str(self.reads), "Data": b"", "ApproximateArrivalTimestamp": self.arrived_at}
        behind = 10 - self.reads
        return {"Records": [record], "NextShardIterator": "iterator", "MillisBehindLatest": behind}


@pytest.mark.parametrize(("arrived_ms", "reads"), [(-1, 10), (1, 1)])
def test_reading_a_stream_ends_though_more_comes_all_the_time(arrived_ms, reads):
    kinesis = Kinesis(datetime.fromtimestamp((NOON + arrived_ms) / 1000, UTC))
    with opened(MEMORY) as book:
        read_stream(kinesis, "events", book, NOON)
        assert book.rows("select count(*) from records") == [(reads,)]


def test_between_two_calls_to_a_shard_there_is_a_pause(monkeypatch):
    """A shard answers five a second, and the functions need them."""
    pauses: list[float] = []
    monkeypatch.setattr("headrace.ledger.streams.time.sleep", pauses.append)
    kinesis = Kinesis(datetime.fromtimestamp((NOON - 1) / 1000, UTC))
    with opened(MEMORY) as book:
        read_stream(kinesis, "events", book, NOON, 1.0)
    assert pauses == [1.0] * (kinesis.reads - 1)


class Lambdas:
    """Two functions read every stream."""

    def get_paginator(self, _: str) -> "Lambdas":
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        arns = [f"arn:aws:lambda:region:1:function:{name}" for name in ("offers-1", "somebodys")]
        return [{"EventSourceMappings": [{"FunctionArn": arn} for arn in arns]}]

    def get_function_configuration(self, FunctionName: str) -> dict[str, Any]:
        namespace = {"offers-1": "Headrace", "somebodys": "Shop"}[FunctionName]
        return {
            "Environment": {
                "Variables": {"POWERTOOLS_SERVICE_NAME": "offers", "POWERTOOLS_METRICS_NAMESPACE": namespace}
            }
        }


def test_another_programs_function_is_asked_for_no_account():
    kinesis = Kinesis(datetime.fromtimestamp(0, UTC))
    found = find_applications(Lambdas(), kinesis, ["events"])
    assert [(one.name, one.function, one.streams) for one in found] == [("offers", "offers-1", ("events",))]


def test_since_when_an_application_is_asked_stays_as_long_as_it_is_there():
    kinesis = Kinesis(datetime.fromtimestamp(NOON / 1000, UTC))
    application = Application(name="offers", function="offers-1", log_group="", streams=("events",))
    with opened(MEMORY) as book:
        book.add("read_by", [("offers", "events", 7), ("gone", "events", 7)])
        note_readers(kinesis, ["events"], [application], book)
        assert book.rows("select * from read_by") == [("offers", "events", 7)]
        note_readers(kinesis, ["events"], [], book)
        note_readers(kinesis, ["events"], [application], book)
        ((since,),) = book.rows("select since from read_by")
        assert since > NOON


def test_ids_are_compared_as_the_warehouse_keeps_them():
    assert request_key(" JKJaXmPLvHcESHA= ") == "jkjaxmplvhcesha="
    assert len(request_key("x" * 50)) == 36


def test_a_book_that_can_not_be_read_is_begun_anew_and_a_second_reader_is_told(tmp_path):
    path = tmp_path / "ledger.duckdb"
    path.write_bytes(b"no database at all")
    path.with_name("ledger.duckdb.wal").write_bytes(b"its log")
    with opened(path) as book:
        book.move("source", "here")
    with opened(path) as book:
        assert book.position("source") == "here"
        book.move("version", "0")
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "ledger.duckdb",
        "ledger.duckdb.unreadable",
        "ledger.duckdb.wal.unreadable",
    ]
    with opened(path) as book:
        assert book.position("source") is None


def test_a_book_of_duckdb_that_can_not_be_opened_is_left_as_it_is(tmp_path):
    path = tmp_path / "ledger.duckdb"
    content = bytes(8) + b"DUCK" + bytes(5000)
    path.write_bytes(content)
    with pytest.raises(Problem, match="can not be opened"), opened(path):
        pass
    assert path.read_bytes() == content


def test_another_process_that_has_the_book_is_named(tmp_path):
    import subprocess
    import sys

    path = tmp_path / "ledger.duckdb"
    holds = f"import duckdb; c = duckdb.connect({str(path)!r}); print('open', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", holds], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(Problem, match="another process"), opened(path):
            pass
        holder.communicate("\n")


def test_the_warehouse_is_asked_of_every_object_that_the_book_reads_or_has():
    with world(MEMORY) as here:
        assert first_object(here.book, NOON + 3_600_000) <= S3.NAME
        here.book.add("lines", [("raw/2001/02/03/04/a", NOON, "a", "one")])
        assert first_object(here.book, NOON) == "raw/2001/02/03/04/a"


def test_what_was_read_of_a_log_stays_read_when_reading_breaks_off(monkeypatch):
    monkeypatch.setattr("headrace.ledger.logs.EVENTS_A_CALL", 3)
    lines = [account_line(f"request-{number}") for number in range(3)]
    broken = '{"message":"request"}'
    with opened(MEMORY) as book:
        with pytest.raises(KeyError):
            Logs(CloudWatch(*lines, broken, at_once=3, tokens=True), book).read_requests("group")
        assert book.rows("select count(*) from requests") == [(3,)]
        assert book.position("group") == "3"
