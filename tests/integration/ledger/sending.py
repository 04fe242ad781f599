"""Hits for the collector by way of Lambda itself, as API Gateway hands them over, with the gateway's clock where a test
wants it; and what the ledger says of them."""

import contextlib
import io
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from headrace.ledger import ledger

# A function that was killed is not asked again by botocore, but by the test, like a client.
ONCE = Config(retries={"total_max_attempts": 1}, read_timeout=60, max_pool_connections=16)
HITS_A_BATCH = 20


def function_named(part: str) -> str:
    """The one function of the stack whose name holds this."""
    pages = boto3.client("lambda").get_paginator("list_functions").paginate()
    (name,) = (one["FunctionName"] for page in pages for one in page["Functions"] if part in one["FunctionName"])
    return name


def hour_from_now(hours: int) -> datetime:
    """The beginning of an hour of which no other test has events, if it is far enough from now."""
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=hours)


@dataclass(frozen=True, kw_only=True)
class Client:
    """Sends batches until they are answered. clock: what the gateway takes for now."""

    clock: datetime
    function: str

    def send(self, hits: Sequence[str]) -> int:
        """Returns how many attempts it took."""
        for attempt in range(1, 30):
            if self._answered(hits):
                return attempt
        raise AssertionError("nobody answers")

    def _answered(self, hits: Sequence[str]) -> bool:
        http = {"method": "POST", "sourceIp": "203.0.113.9"}
        context = {
            "http": http,
            "requestId": str(uuid.uuid4()),
            "timeEpoch": round(self.clock.timestamp() * 1000),
            "domainName": "collect.example",
            "stage": "$default",
        }
        event = {"rawPath": "/batch", "requestContext": context, "headers": {}, "body": "\n".join(hits)}
        try:
            answer = boto3.client("lambda", config=ONCE).invoke(
                FunctionName=self.function, Payload=json.dumps(event).encode()
            )
            said = json.loads(answer["Payload"].read())
        except (BotoCoreError, ValueError):
            return False
        return "FunctionError" not in answer and said["statusCode"] == 200


def batches(count: int, visitor: str) -> list[list[str]]:
    """That many hits, of some visitors, a batch each twenty."""
    hits = [f"v=1&tid=UA-1&cid={visitor}-{number % 50}&t=pageview&dp=/{number}&z={number}" for number in range(count)]
    return [hits[begin : begin + HITS_A_BATCH] for begin in range(0, count, HITS_A_BATCH)]


def asked(since: datetime, *, wait: bool = True, metrics: bool = False) -> tuple[int, dict[str, Any]]:
    """The exit code and the document of `headrace ledger --json`, from an hour on."""
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        code = ledger("local", as_json=True, wait=wait, since=since.isoformat(), metrics=metrics)
    return code, json.loads(told.getvalue())


def counts(document: dict[str, Any], hour: datetime) -> dict[str, int]:
    """Of one hour, by hop; all items together."""
    found: dict[str, int] = {}
    for row in document["hours"]:
        if row["hour"] == f"{hour:%Y-%m-%dT%H:00:00Z}":
            found[row["hop"]] = found.get(row["hop"], 0) + row["count"]
    return found
