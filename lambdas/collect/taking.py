"""One request taken in, whichever protocol it speaks. No network."""

import time
from collections.abc import Callable

from collect import incoming
from collect.answers import refusal
from collect.configuration import Configuration
from collect.intake import Intake, TooMuch
from collect.protocols import FOLDERS, PATHS, ROUTES, folder, google_analytics
from collect.protocols.route import Route
from collect.reasons import Reason, Refused
from collect.sender import Sender
from shared.envelope import Envelopes, Request


def take_in(event: object, configuration: Configuration) -> Intake:
    """Reads a request. Every hit in it is among the result's `events`, its `bad_rows`, or `declined`; it raises
    nothing."""
    request = incoming.request_of(event, configuration.headers)
    route = ROUTES.get((request.method, request.path))
    intake = _nothing(request, route, configuration, event)
    payload = b""
    try:
        if route is None:
            raise _misrouted(request)
        payload, content_type = _payload(event, request, route)
        authorization, query = incoming.authorization_of(event), incoming.query_of(event)
        sender = Sender(request, content_type, configuration, authorization, intake.cookies, query)
        envelopes = Envelopes(request, route.protocol, time.time_ns() // 1_000_000, route.answer_type)
        for raw, outcome in route.read(payload, sender):
            outcome = intake.wanted(raw, outcome)
            if route.keeps:
                intake.keep(raw, outcome, envelopes)
            else:
                intake.outcomes.append((raw, outcome))
    except TooMuch as refused:
        intake = _nothing(request, route, configuration, event)
        intake.refuse(refused, payload)
    except Refused as refused:
        if route is not None and not route.keeps:
            intake.outcomes.append((payload, refused))
        else:
            intake.refuse(refused, payload or _as_received(event))
    except Exception as error:  # a fault of ours: no hit may vanish through it, and no hit may be stored twice
        intake = _nothing(request, route, configuration, event)
        intake.refuse(Refused(Reason.INTERNAL_ERROR, type(error).__name__), _as_received(event))
    return intake


def _nothing(request: Request, route: Route | None, configuration: Configuration, event: object) -> Intake:
    """The intake of a request of which nothing has been read. What can not be told otherwise is Google Analytics'."""
    known = route or PATHS.get(request.path) or FOLDERS.get(folder(request.path)) or PATHS[google_analytics.PATH]
    return Intake(
        request,
        known.protocol,
        f"{request.method} {request.path}" if route else "other",
        configuration.full_addresses,
        route.answer if route else refusal,
        known.describe,
        configuration.pseudonym if configuration.user_id_key else None,
        known.hide,
        incoming.cookies_of(event),
        _unwanted(request, known, configuration),
        known.only_400,
    )


def _unwanted(request: Request, route: Route, configuration: Configuration) -> Callable[[bytes], bool]:
    """Whether nothing may be kept of these bytes, not even a bad row: it would keep who it is, too."""
    if configuration.do_not_track and incoming.asks_not_to_be_tracked(request.headers):
        return lambda _: True
    if configuration.consent and route.refuses_analytics:
        return route.refuses_analytics
    return lambda _: False


def _payload(event: object, request: Request, route: Route) -> tuple[bytes, str]:
    """What holds the hits, and its content type; the type of a query string is empty."""
    if request.method == "POST":
        payload = incoming.body_of(event, request.headers, route.max_body_bytes, route.refuse_replaced)
        if payload.strip():
            return payload, request.headers.get("content-type", "").lower()
    payload = incoming.query_of(event)  # `POST /collect?v=1&…` with nothing in it is one way to send a beacon
    if not payload.strip():
        raise Refused(Reason.EMPTY_REQUEST, "neither a body nor a query string")
    return payload, ""


def _misrouted(request: Request) -> Refused:
    if request.path in PATHS:
        return Refused(Reason.METHOD_NOT_ALLOWED, "this path has other methods")
    return Refused(Reason.UNKNOWN_ROUTE, "no such path")


def _as_received(event: object) -> bytes:
    return incoming.raw_body_of(event) or incoming.query_of(event)
