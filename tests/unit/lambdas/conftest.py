"""What the functions' tests share: requests as an HTTP API hands them over, and streams that do as they are told."""

import json
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from typing import Any, Self

import pytest
from botocore.exceptions import ClientError

from collect.configuration import Configuration
from collect.intake import Intake
from collect.taking import take_in
from shared.outlet import Outlet
from shared.puts import Item


def http_event(body: str | None, path: str = "/collect", method: str = "POST", **changes: Any) -> dict[str, Any]:
    """An HTTP API event, payload 2.0, with nothing in it but what the collector reads."""
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "text/plain", "user-agent": "Lynx"},
        "requestContext": {
            "domainName": "collect.example",
            "requestId": "UKQ5xhRgjoEEMeA=",
            "stage": "$default",
            "http": {"method": method, "path": path, "sourceIp": "203.0.113.77"},
            "timeEpoch": 1_763_777_777_000,
        },
        "body": body,
        "isBase64Encoded": False,
        **changes,
    }


@pytest.fixture(scope="session")
def post() -> Callable[..., Intake]:
    """Takes in one POST: `post(body, path="/batch", full_addresses=True, …)`; `configuration` for other settings."""

    def take(
        body: str | None, *, full_addresses: bool = False, configuration: Configuration | None = None, **changes: Any
    ) -> Intake:
        return take_in(http_event(body, **changes), configuration or Configuration(full_addresses=full_addresses))

    return take


@pytest.fixture(scope="session")
def event() -> Callable[..., dict[str, Any]]:
    return http_event


@pytest.fixture(scope="session")
def lines() -> Callable[[Sequence[Item]], list[dict[str, Any]]]:
    """What was written, read as strictly as Snowflake reads it."""

    def read(items: Sequence[Item]) -> list[dict[str, Any]]:
        return [strict_json(item.data) for item in items]

    return read


def strict_json(data: bytes) -> dict[str, Any]:
    """One object on one line: no NaN, no NUL, no half surrogate pairs, nothing that could be taken for a line's end."""
    assert len(data.decode().splitlines()) == 1

    def refuse(constant: str) -> float:
        raise AssertionError(f"{constant} is not JSON")

    value = json.loads(data, parse_constant=refuse)
    assert isinstance(value, dict)
    for text in texts(value):
        assert "\0" not in text
        text.encode()  # half a surrogate pair has no UTF-8
    return value


def texts(value: object) -> Iterator[str]:
    """Every name and every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from (name, *texts(item))
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


class Service:
    """An AWS client of the tests: it takes what its plan says, and remembers what it took.

    plan: for each call in turn, an exception to raise, or the numbers of the items to refuse; after that it takes all.
    """

    def __init__(self, plan: Sequence[Exception | set[int]] = ()) -> None:
        self.plan = list(plan)
        self.calls: list[list[dict[str, Any]]] = []
        self.taken: list[bytes] = []

    def put_records(self, *, Records: list[dict[str, Any]], **_stream: str) -> dict[str, Any]:
        return {"Records": self._take(Records)}

    def put_record_batch(self, *, Records: list[dict[str, Any]], **_stream: str) -> dict[str, Any]:
        return {"RequestResponses": self._take(Records)}

    def _take(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        self.calls.append(records)
        refused = self.plan.pop(0) if self.plan else set()
        if isinstance(refused, Exception):
            raise refused
        self.taken += [record["Data"] for number, record in enumerate(records) if number not in refused]
        return [
            {"ErrorCode": "ServiceUnavailableException"} if number in refused else {}
            for number, _record in enumerate(records)
        ]


class Bucket:
    """An S3 client of the tests, over a dictionary."""

    class exceptions:
        class NoSuchKey(Exception): ...

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.broken = False

    def put_object(self, *, Key: str, Body: bytes, **_bucket: str) -> None:
        if self.broken:
            raise ClientError({"Error": {"Code": "InternalError"}}, "PutObject")
        self.objects[Key] = Body

    def get_object(self, *, Key: str, **_bucket: str) -> dict[str, Any]:
        if Key not in self.objects:
            raise self.exceptions.NoSuchKey
        return {"Body": BytesIO(self.objects[Key])}

    def delete_object(self, *, Key: str, **_bucket: str) -> None:
        del self.objects[Key]

    def get_paginator(self, _operation: str) -> Self:
        return self

    def paginate(self, *, Prefix: str, **_bucket: str) -> list[dict[str, Any]]:
        return [{"Contents": [{"Key": key} for key in sorted(self.objects) if key.startswith(Prefix)]}, {}]


class Cloud:
    """A Kinesis stream, both Firehose streams and a bucket, with the outlet that leads there."""

    def __init__(self) -> None:
        self.bucket = Bucket()
        self.use()

    def use(self, kinesis: Service | None = None, firehose: Service | None = None) -> None:
        """Streams of another kind."""
        self.kinesis, self.firehose = kinesis or Service(), firehose or Service()
        clients = {"kinesis": self.kinesis, "firehose": self.firehose, "s3": self.bucket}
        names = {
            "EVENTS_STREAM": "events",
            "RAW_DELIVERY_STREAM": "raw",
            "BAD_DELIVERY_STREAM": "bad",
            "BUCKET": "lake",
        }
        self.outlet = Outlet(names, clients.__getitem__)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """A cloud of the tests in which no time passes between retries."""
    monkeypatch.setattr("shared.puts.FIRST_PAUSE_SECONDS", 0.0)
    return Cloud()


def client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}}, "Put")


@pytest.fixture(scope="session")
def failure() -> Callable[[str], ClientError]:
    """A whole call's error: `failure("AccessDeniedException")`."""
    return client_error


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """The log lines and the metric lines a function has written, read as JSON."""
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.fixture(scope="session")
def service() -> type[Service]:
    return Service
