"""A watch of rows that tests make up, and its page."""

import json
import time
from collections.abc import Callable

from headrace.events.page.watch import Watch
from headrace.events.rows import Row, bad_row, good_row


class MadeUp:
    """A feed: what is put into `coming` comes next."""

    def __init__(self) -> None:
        self.coming: list[Row] = []
        self.identity = "one"

    def newest(self, count: int, holds: Callable[[Row], bool]) -> list[Row]:
        return [row for row in self.new() if holds(row)][-count:]

    def new(self) -> list[Row]:
        rows, self.coming = self.coming, []
        return rows

    def watch(self) -> Watch:
        return Watch(lambda: (self.identity, lambda: self))  # pyright: ignore[reportArgumentType]

    def good(self, name: str = "signup", at: int | None = None, **body: str) -> None:
        body = {"t": "event", "ea": name, **body}
        context = {"protocol": "google-analytics-v1", "client_id": "c", "document_location": body.get("dl")}
        request = {"id": "1", "timestamp": at or now(), "body": body}
        self.coming.append(good_row(json.dumps({"context": context, "request": request}).encode()))

    def bad(self, reason: str = "missing_client_id", payload: str = "t=pageview", at: int | None = None) -> None:
        request = {"id": "1", "path": "/collect", "method": "POST", "user_ip": "", "headers": {}}
        row = {"reason": reason, "message": "why", "protocol": "segment", "timestamp": at or now(), "payload": payload}
        self.coming.append(bad_row(json.dumps({**row, "payload_bytes": 1, "request": request}).encode()))


def now() -> int:
    return time.time_ns() // 1_000_000
