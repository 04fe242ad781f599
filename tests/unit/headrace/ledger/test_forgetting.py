"""Lines that were taken out with a person are missing nowhere, and others are."""

import json
from pathlib import Path

import pytest

from headrace.ledger.book import HOUR_MS
from headrace.ledger.figure import Figure
from headrace.ledger.forgetting import kind_of, read_notes
from headrace.ledger.objects import Bucket
from tests.unit.headrace.ledger.test_closing import closed
from tests.unit.headrace.ledger.worlds import NOON, S3, envelope, world

MEMORY = Path(":memory:")
LINES = [envelope("A", str(number)) for number in range(4)]
REQUEST = {"id": "A", "method": "POST", "path": "/collect"}
BAD_ROW = json.dumps({"reason": "late", "timestamp": NOON, "request": REQUEST}).encode()
OF_A_STREAM = json.dumps(
    {"reason": "late", "timestamp": NOON, "request": {**REQUEST, "method": "", "path": ""}}
).encode()


def loaded(rows: int) -> list[Figure]:
    return [Figure(hour=NOON // HOUR_MS, hop="loaded", count=rows)]


@pytest.mark.parametrize("read_before", [True, False])
def test_what_was_taken_out_is_missing_nowhere_and_one_more_is(read_before: bool) -> None:
    s3 = S3()
    with world(MEMORY) as here:
        bucket = Bucket(s3, "bucket", here.book)
        here.told("a", 4, late=1)
        here.load(4, name=s3.NAME)
        s3.objects |= {s3.NAME: b"\n".join(LINES), s3.NAME.replace("raw", "bad"): BAD_ROW}
        if read_before:
            bucket.read_events(NOON)
            bucket.read_bad_rows(NOON)
            assert here.missing() == {}
        s3.forget("1", LINES[:2])
        s3.forget("1", [BAD_ROW], name=s3.NAME.replace("raw", "bad"))
        s3.objects |= {s3.NAME: b"\n\n" + LINES[3], s3.NAME.replace("raw", "bad"): b""}
        bucket.read_events(NOON)
        bucket.read_bad_rows(NOON)
        for _ in range(2):
            read_notes(s3, "bucket", here.book)
            assert here.missing() == {(0, "put", ""): 1}
            assert here.count("forgotten") == 3


def test_a_removal_that_was_begun_twice_counts_once() -> None:
    s3 = S3()
    with world(MEMORY) as here:
        here.told("a", 4)
        for lines in (LINES[:1], LINES[:1], LINES[1:3]):  # of the same version: the first two did not come to their end
            s3.forget("1", lines)
            read_notes(s3, "bucket", here.book)
        assert here.count("forgotten") == 2


def test_people_can_be_forgotten_out_of_a_closed_hour_whose_objects_are_not_read_any_more() -> None:
    s3 = S3()
    with world(MEMORY) as here:
        here.told("a", 4)
        for number in range(4):
            here.deliver("a", str(number), name=s3.NAME)
        here.load(4, name=s3.NAME)
        for version, left in enumerate((4, 3, 1)):
            if version:
                s3.forget(str(version), LINES[:version])
            read_notes(s3, "bucket", here.book)
            found = closed(here, rows=loaded(left))
            assert [one for one in found if one.missing] == []
            assert sum(one.count for one in found if one.hop == "forgotten") == 4 - left
            assert [one.count for one in found if one.hop == "delivered"] == [4]
        assert [(one.hop, one.missing) for one in closed(here, rows=loaded(0)) if one.missing] == [("loaded", 1)]


def test_of_hours_that_a_new_book_does_not_know_nothing_is_said() -> None:
    s3 = S3()
    s3.forget("1", LINES)
    with world(MEMORY) as here:
        read_notes(s3, "bucket", here.book)
        assert here.figures() == []


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (LINES[0], ("events", NOON // HOUR_MS)),
        (BAD_ROW, ("bad", NOON // HOUR_MS)),
        (json.dumps({"target": "events", "key": "k", "data": LINES[0].decode()}).encode(), ("events", NOON // HOUR_MS)),
        (json.dumps({"target": "bad", "key": None, "data": BAD_ROW.decode()}).encode(), ("bad", NOON // HOUR_MS)),
        (OF_A_STREAM, None),
        (b'{"attemptsMade": 4, "rawData": "e30="}', None),
        (b"ada@example.org, , , F", None),
        (b"[]", None),
        (b"\xff", None),
    ],
)
def test_a_line_is_an_event_or_a_bad_row_of_an_hour_or_none_of_the_collectors(
    line: bytes, kind: tuple[str, int] | None
) -> None:
    assert kind_of(line) == kind
