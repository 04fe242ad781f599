"""One event of Snowplow's tracker protocol: from its parameters to a hit.

Needed are `e`, `tv` and `p`. What else is there must be right where Snowplow's own enrichment insists on it: the kind
of event, the platform, the event's id, the three times, and all self-describing JSON. Parameters that the protocol does
not know are kept.
https://docs.snowplow.io/docs/fundamentals/canonical-event/
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import orjson

from collect import registry
from collect.protocols import snowplow_network_user as network_user
from collect.protocols.snowplow_people import CLIENT_SESSION, SELF_DESCRIBING, decoded, hide_people, person_in
from collect.reasons import Reason, Refused
from collect.registry import Violation
from collect.sender import Sender
from shared.envelope import MAX_CLIENT_ID_CHARACTERS, Hit, derived_id
from shared.events.values import MAX_TIME, deeper_than

# Page view, page ping, structured, self-describing, transaction, item of a transaction.
EVENTS = frozenset({"pv", "pp", "se", "ue", "tr", "ti"})
PLATFORMS = frozenset({"web", "iot", "app", "mob", "pc", "cnsl", "tv", "srv", "headset"})
REQUIRED = ("e", "tv", "p")
TIMES = ("dtm", "stm", "ttm")

UNSTRUCT_EVENT = "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-"
CONTEXTS = "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-"

# The envelope puts three levels around a field, and readers of streams take 32 (shared.events.values.MAX_DEPTH).
MAX_LEVELS = 28

MAX_VALUE_CHARACTERS = 512  # of a value quoted in a bad row, as in Snowplow's own

_CLIENT_NAMESPACE = UUID("b0a1ec0b-6a5b-4a52-9a0c-3f2f6f3f9a6e")


def hit_of(parameters: dict[str, Any], sender: Sender) -> Hit:
    """The hit in an event's parameters, all of them text. Raises Refused."""
    _check(parameters)
    unstruct = _self_describing(parameters, "ue_pr", "ue_px", UNSTRUCT_EVENT)
    contexts = _self_describing(parameters, "co", "cx", CONTEXTS)
    if unstruct is not None:
        registry.validate(unstruct["data"])
    elif parameters["e"] == "ue":
        raise _wrong(Reason.MISSING_PARAMETER, "ue_pr", None, "a self-describing event has 'ue_pr' or 'ue_px'")
    entities: list[dict[str, Any]] = contexts["data"] if contexts is not None else []
    for entity in entities:
        registry.validate(entity)
    body = {name: value for name, value in parameters.items() if name not in SELF_DESCRIBING}
    if unstruct is not None:
        body["ue_pr"] = unstruct
    if contexts is not None:
        body["co"] = contexts
    event_id = parameters.get("eid", "").lower() or str(uuid4())
    user_id = _identifier(parameters, "uid")
    if user_id:  # before anything is derived from it
        user_id = body["uid"] = sender.pseudonym(user_id)
    described = [unstruct["data"], *entities] if unstruct else entities
    if sender.configuration.user_id_key:
        hide_people(described, sender.pseudonym)
    user_id = user_id or person_in(described)
    presented = None if sender.request.anonymous else _presented(parameters, sender)
    client_id = _client_id(parameters, presented, entities, user_id, event_id, sender)
    if sender.request.anonymous:
        for name in ("nuid", "tnuid", "ip"):
            body.pop(name, None)
    else:
        body["nuid"] = presented or network_user.fresh(sender.request)
    headers = sender.request.headers
    return Hit(
        request_id=event_id,
        client_id=client_id,
        user_id=user_id,
        user_ip=_user_ip(body, sender),
        user_agent=parameters.get("ua") or headers.get("user-agent"),
        document_location=parameters.get("url") or headers.get("referer"),
        document_referrer=parameters.get("refr") or None,
        body=body,
    )


def _check(parameters: Mapping[str, Any]) -> None:
    """The parameters that must be there, and those that must be right."""
    for name, value in parameters.items():
        if not isinstance(value, str):
            raise _wrong(Reason.WRONG_TYPE, name, None, "every parameter is text, figures too")
    for name in REQUIRED:
        if not parameters.get(name):
            raise _wrong(Reason.MISSING_PARAMETER, name, None, f"'{name}' is needed")
    if parameters["e"] not in EVENTS:
        raise _wrong(Reason.UNKNOWN_HIT_TYPE, "e", parameters["e"], f"'e' is one of {', '.join(sorted(EVENTS))}")
    if parameters["p"] not in PLATFORMS:
        raise _wrong(Reason.UNKNOWN_PLATFORM, "p", parameters["p"], f"'p' is one of {', '.join(sorted(PLATFORMS))}")
    event_id = parameters.get("eid")
    if event_id and not network_user.is_uuid(event_id):
        raise _wrong(Reason.INVALID_EVENT_ID, "eid", event_id, "'eid' is a UUID")
    for name in TIMES:
        time = parameters.get(name)
        if time and not (time.isascii() and time.isdigit() and len(time) < 16 and int(time) <= MAX_TIME):
            raise _wrong(Reason.INVALID_TIME, name, time, f"'{name}' is a time in ms since 1970")


def _self_describing(parameters: Mapping[str, str], plain: str, encoded: str, criterion: str) -> dict[str, Any] | None:
    """The self-describing JSON in one of two parameters; None where it is in neither. Its schema has to begin as
    `criterion` says."""
    text = parameters.get(plain)
    if text:
        name, data = plain, text.encode()
    else:
        text = parameters.get(encoded)
        if not text:
            return None
        name, data = encoded, _decoded(encoded, text)
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _not_json(name, text, error.msg) from None
    if data.count(b"{") + data.count(b"[") > MAX_LEVELS and deeper_than(value, MAX_LEVELS):
        raise _not_json(name, text, f"more than {MAX_LEVELS} levels")
    if b"\\u0000" in data and _holds_nul(value):
        raise Refused(Reason.INVALID_CHARACTER, f"NUL in '{name}'")
    uri = value.get("schema") if isinstance(value, dict) else None
    if isinstance(uri, str) and uri.startswith("iglu:") and not uri.startswith(criterion):
        failure = {"schemaKey": uri[:MAX_VALUE_CHARACTERS], "schemaCriterion": f"{criterion}*"}
        raise Violation(Reason.NOT_SELF_DESCRIBING, f"the schema of '{name}' is no {criterion}*", failure)
    registry.validate(value)
    return value


def _decoded(name: str, text: str) -> bytes:
    try:
        return decoded(text)
    except ValueError:
        raise _not_json(name, text, "not base64") from None


def _presented(parameters: Mapping[str, str], sender: Sender) -> str | None:
    """The network user id that the client came with: the tracker's own word first, then the cookie."""
    return _identifier(parameters, "tnuid") or _identifier(parameters, "nuid") or network_user.known(sender.cookies)


def _client_id(
    parameters: Mapping[str, str],
    presented: str | None,
    entities: list[dict[str, Any]],
    user_id: str | None,
    event_id: str,
    sender: Sender,
) -> str:
    """Whose browser or device it is. A network user id made just now says nothing of it, so that comes late: servers
    and apps that keep no cookie would be a new client at every request."""
    known = _identifier(parameters, "duid") or presented
    if known:
        return known
    for entity in entities:
        if entity["schema"].startswith(CLIENT_SESSION):
            return entity["data"]["userId"]
    if user_id:
        return derived_id(_CLIENT_NAMESPACE, user_id.encode())
    return event_id if sender.request.anonymous else network_user.fresh(sender.request)


def _identifier(parameters: Mapping[str, str], name: str) -> str | None:
    value = parameters.get(name, "").strip()
    if len(value) > MAX_CLIENT_ID_CHARACTERS:
        expected = f"'{name}' has at most {MAX_CLIENT_ID_CHARACTERS} characters"
        raise _wrong(Reason.CLIENT_ID_TOO_LONG, name, None, expected)
    return value or None


def _user_ip(body: dict[str, Any], sender: Sender) -> str | None:
    """The address to store: what the tracker says it is, made the same, else the request's."""
    said = body.get("ip")
    if said:
        body["ip"] = address = sender.address(said) or ""
        if address:
            return address
    return sender.address(sender.request.source_ip)


def _holds_nul(value: object) -> bool:
    if isinstance(value, dict):
        return any("\0" in name or _holds_nul(item) for name, item in value.items())
    if isinstance(value, list):
        return any(map(_holds_nul, value))
    return isinstance(value, str) and "\0" in value


def _wrong(reason: Reason, name: str, value: str | None, expectation: str) -> Violation:
    quoted = value if value is None else value[:MAX_VALUE_CHARACTERS]
    return Violation(reason, expectation, {"field": name[:64], "value": quoted, "expectation": expectation[:256]})


def _not_json(name: str, text: str, error: str) -> Violation:
    failure = {"field": name, "value": text[:MAX_VALUE_CHARACTERS], "error": error}
    return Violation(Reason.NOT_SELF_DESCRIBING, f"'{name}' can not be read: {error}", failure)
