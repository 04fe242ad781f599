"""One request taken in: its hits as envelopes, its faults as bad rows, and what status they come to. No network."""

import time
from collections import Counter
from dataclasses import dataclass, field

from collect import incoming
from collect.protocols import PATHS, ROUTES, google_analytics
from collect.protocols.sender import Sender
from collect.reasons import Reason, Refused
from shared.bad_rows import bad_row
from shared.envelope import Envelopes, Hit, Request, partition_key
from shared.puts import Item


@dataclass(slots=True)
class Intake:
    """What a request came to.

    route: for logs, so never a path a stranger made up. full_addresses: whether IP addresses are stored whole, rather
    than truncated to /24 and /48. message: what the first refusal said.
    """

    request: Request
    protocol: str
    route: str
    full_addresses: bool
    events: list[Item] = field(default_factory=list)
    bad_rows: list[Item] = field(default_factory=list)
    reasons: Counter[Reason] = field(default_factory=Counter)
    message: str = ""

    @property
    def status(self) -> int:
        """200 once anything was taken; else what the first reason says that is not 200 (see collect.reasons)."""
        if self.events:
            return 200
        return next((reason.status for reason in self.reasons if reason.status != 200), 200)

    def refuse(self, refused: Refused, raw: bytes) -> None:
        self.reasons[refused.reason] += 1
        self.message = self.message or refused.message
        line = bad_row(
            reason=refused.reason,
            message=refused.message,
            protocol=self.protocol,
            payload=raw if refused.payload is None else refused.payload,
            request=self.request,
            full_addresses=self.full_addresses,
        )
        self.bad_rows.append(Item(line))


def take_in(event: object, full_addresses: bool) -> Intake:
    """Reads a request. Every hit in it is among the `events` or the `bad_rows` of the result; it raises nothing."""
    request = incoming.request_of(event)
    protocol, reader = ROUTES.get((request.method, request.path), (google_analytics.PROTOCOL, None))
    route = f"{request.method} {request.path}" if reader else "other"
    intake = Intake(request, protocol, route, full_addresses)
    payload = b""
    try:
        if reader is None:
            raise _misrouted(request)
        payload = incoming.body_of(event, request.headers) if request.method == "POST" else b""
        content_type = request.headers.get("content-type", "").lower()
        if not payload.strip():  # `POST /collect?v=1&…` with nothing in it is one way to send a beacon
            payload, content_type = incoming.query_of(event), ""
        if not payload.strip():
            raise Refused(Reason.EMPTY_REQUEST, "neither a body nor a query string")
        envelopes = Envelopes(request, protocol, answered_at=time.time_ns() // 1_000_000)
        for raw, outcome in reader(payload, Sender(request, content_type, full_addresses)):
            if isinstance(outcome, Hit):
                intake.events.append(Item(envelopes.line(outcome), partition_key(outcome.client_id)))
            else:
                intake.refuse(outcome, raw)
    except Refused as refused:
        intake.refuse(refused, payload or _as_received(event))
    except Exception as error:  # a fault of ours: no hit may vanish through it, and no hit may be stored twice
        intake = Intake(request, protocol, route, full_addresses)
        intake.refuse(Refused(Reason.INTERNAL_ERROR, type(error).__name__), _as_received(event))
    return intake


def _misrouted(request: Request) -> Refused:
    if request.path in PATHS:
        return Refused(Reason.METHOD_NOT_ALLOWED, "this path has other methods")
    return Refused(Reason.UNKNOWN_ROUTE, "no such path")


def _as_received(event: object) -> bytes:
    return incoming.raw_body_of(event) or incoming.query_of(event)
