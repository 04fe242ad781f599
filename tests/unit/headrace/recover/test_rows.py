"""Bad rows as they are read from S3: each once, and few objects in memory at a time."""

import gzip
import json

import pytest

from headrace.recover import rows
from headrace.recover.rows import Wanted, read_rows
from tests.unit.headrace.recover.bucket import Bucket


def line(number: int) -> bytes:
    request = {"id": "r", "path": "/collect", "method": "POST", "user_ip": "", "headers": {}}
    row = {"reason": "missing_field", "message": "m", "protocol": "segment", "timestamp": number, "request": request}
    return json.dumps({**row, "payload": "x", "payload_bytes": 1}).encode()


class Counting(Bucket):
    """fetched: how many objects were."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched = 0

    def get_object(self, *, Key: str, **request: str):
        self.fetched += 1
        return super().get_object(Key=Key, **request)


@pytest.mark.parametrize(("objects", "size"), [(3, 16_000_000), (64, 500), (64, 1)])
def test_rows_come_in_order_each_once_and_only_some_objects_are_held(monkeypatch, objects, size):
    monkeypatch.setattr(rows, "AT_ONCE_OBJECTS", objects)
    monkeypatch.setattr(rows, "AT_ONCE_BYTES", size)
    bucket = Counting()
    for number in range(20):
        content = line(number) + b"\n" + line(number) + b"\n"
        bucket.put_object(Key=f"bad/{number:02d}", Body=gzip.compress(content) if number % 2 else content)
    found = []
    for row in read_rows(bucket, "lake", Wanted()):
        found.append(row.received_at)
        assert bucket.fetched - len(found) < 3
    assert found == list(range(20))
