"""Dead letters: which records an application was given up for, and everything else that nobody could take."""

import json
from pathlib import Path
from typing import Any

from headrace.ledger.book import HOUR_MS
from headrace.ledger.letters import PATIENCE, read_letters
from headrace.ledger.logs import Application, sequence_key
from tests.unit.headrace.ledger.worlds import NOON, World, world

MEMORY = Path(":memory:")
OFFERS = Application(name="offers", function="offers-1", log_group="", streams=("events",))
BATCH = {"streamArn": "arn:aws:kinesis:region:1:stream/events", "shardId": "shard-0"}
BATCH |= {"startSequenceNumber": "7", "endSequenceNumber": "9", "batchSize": 3}


class Queue:
    """Answers with nothing now and then, and hides what it has shown, as SQS does."""

    def __init__(self, *bodies: str) -> None:
        self.messages: list[dict[str, Any]] = [
            {"MessageId": f"{n}", "ReceiptHandle": f"{n}", "Body": body} for n, body in enumerate(bodies)
        ]
        for one in self.messages:
            one["Attributes"] = {"SentTimestamp": str(NOON)}
        self.hidden: set[str] = set()
        self.asked = 0

    def receive_message(self, *, MaxNumberOfMessages: int, **_: Any) -> dict[str, Any]:
        self.asked += 1
        if self.asked % 2:
            return {}
        shown = [one for one in self.messages if one["MessageId"] not in self.hidden][:MaxNumberOfMessages]
        self.hidden |= {one["MessageId"] for one in shown}
        return {"Messages": shown} if shown else {}

    def change_message_visibility_batch(self, *, Entries: list[dict[str, Any]], **_: Any) -> None:
        assert len(Entries) <= 10
        self.hidden -= {one["ReceiptHandle"] for one in Entries}


def letter(function: str, **said: Any) -> str:
    context = {"functionArn": f"arn:aws:lambda:region:1:function:{function}"}
    return json.dumps({"requestContext": context, "timestamp": "2025-11-24T16:59:00.021Z", **said})


def read(here: World, *bodies: str, **attributes: str) -> Queue:
    queue = Queue(*bodies)
    for one in queue.messages:
        one["Attributes"] |= attributes
    read_letters(queue, "url", [OFFERS], here.book, PATIENCE["aws"])
    return queue


def failed(here: World) -> dict[tuple[int, str], int]:
    return {(one.hour - NOON // HOUR_MS, one.item): one.count for one in here.figures() if one.hop == "failed"}


def test_a_letter_of_an_applications_stream_names_its_records():
    with world(MEMORY) as here:
        queue = read(here, *["broken"] * 30, letter("offers-1", KinesisBatchInfo=BATCH), "[]")
        assert queue.hidden == set()
        found = here.book.rows("select * from given_up")
    assert found == [("offers", "events", "shard-0", sequence_key("7"), sequence_key("9"))]


def test_whatever_else_was_given_up_is_told_of():
    with world(MEMORY) as here:
        read(
            here,
            letter("perform-1", DDBStreamBatchInfo={**BATCH, "batchSize": 2}),
            letter("gone-1", KinesisBatchInfo=BATCH),
            letter("odd-1"),
        )
        assert failed(here) == {(0, "perform-1"): 2, (0, "gone-1"): 3, (0, "odd-1"): 1}


def test_a_file_that_nobody_could_load_is_told_of_under_its_queue():
    with world(MEMORY) as here:
        sent = str(NOON + 2 * HOUR_MS)
        read(here, json.dumps({"Records": []}), SentTimestamp=sent, DeadLetterQueueSourceArn="arn:aws:sqs:r:1:files")
        assert failed(here) == {(2, "files"): 1}
        read(here)
        assert failed(here) == {}
