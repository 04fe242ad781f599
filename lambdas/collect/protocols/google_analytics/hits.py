"""One hit's parameters, to what is stored of it: who sent it, when it happened, what its id is."""

from collections.abc import Mapping
from uuid import UUID, uuid4

import orjson

from collect.formats import MAX_DIGITS
from collect.protocols.google_analytics.consent import refuses_analytics
from collect.protocols.google_analytics.location import location
from collect.reasons import Reason, Refused
from collect.sender import Declined, Sender
from shared.envelope import MAX_CLIENT_ID_CHARACTERS, Hit, derived_id
from shared.privacy import truncated_address

HIT_TYPES = frozenset({"pageview", "screenview", "event", "transaction", "item", "social", "exception", "timing"})

# What JSON senders must write as text. Figures (tr, ev, qt, pr1pr, …) may be JSON numbers.
TEXT_PARAMETERS = frozenset({"cid", "uid", "t", "dl", "dr", "ua", "uip", "z"})

_HIT_NAMESPACE = UUID("8a0f0a4e-6b0c-4f6c-9f43-7c5b5e0f2f0e")
_CLIENT_NAMESPACE = UUID("0f7f3c0e-50c5-4d1b-8b0e-2f4d0f5f7a39")


def hit_of(parameters: dict[str, object], sender: Sender) -> Hit | Declined:
    """The hit; Declined where it says that its visitor refused analytics. Raises Refused.

    `v` and `tid` are not asked for: there is one version and, behind this URL, one property.
    """
    if sender.configuration.consent and refuses_analytics(parameters):
        return Declined()  # before anything else, so that no bad row keeps it either
    request = sender.request
    user_id = _identifier(parameters, "uid")
    if user_id and sender.configuration.user_id_key:
        user_id = parameters["uid"] = sender.pseudonym(user_id)  # before ids are derived from it
    client_id = _identifier(parameters, "cid") or (user_id and derived_id(_CLIENT_NAMESPACE, user_id.encode()))
    if not client_id:
        raise Refused(Reason.MISSING_CLIENT_ID, "neither 'cid' nor 'uid'")
    _check_hit_type(parameters.get("t"))
    _check_queue_time(parameters.get("qt"), request.timestamp)
    request_id = _request_id(client_id, parameters)
    return Hit(
        request_id=request_id,
        client_id=client_id,
        user_id=user_id,
        user_ip=_user_ip(parameters, sender),
        user_agent=_text(parameters, "ua") or request.headers.get("user-agent"),
        document_location=location(parameters) or request.headers.get("referer"),
        document_referrer=_text(parameters, "dr"),
        body=parameters,
    )


def _text(parameters: Mapping[str, object], name: str) -> str | None:
    """One of TEXT_PARAMETERS; JSON's null and the empty text mean that it was not sent."""
    value = parameters.get(name)
    return value if isinstance(value, str) and value else None


def _identifier(parameters: Mapping[str, object], name: str) -> str | None:
    value = (_text(parameters, name) or "").strip()
    if len(value) > MAX_CLIENT_ID_CHARACTERS:
        raise Refused(Reason.CLIENT_ID_TOO_LONG, f"'{name}' has more than {MAX_CLIENT_ID_CHARACTERS} characters")
    return value or None


def _check_hit_type(hit_type: object) -> None:
    if not hit_type:
        raise Refused(Reason.MISSING_HIT_TYPE, "no 't'")
    if hit_type not in HIT_TYPES:
        raise Refused(Reason.UNKNOWN_HIT_TYPE, f"'t' is none of {', '.join(sorted(HIT_TYPES))}")


def _check_queue_time(queue_time: object, received_at: int) -> None:
    """`qt`: how many milliseconds before it was received the event happened; readers subtract it, unchecked."""
    if queue_time is None or queue_time == "":
        return
    if isinstance(queue_time, str) and queue_time.isascii() and queue_time.isdigit() and len(queue_time) <= MAX_DIGITS:
        queue_time = int(queue_time)
    if type(queue_time) is not int or not 0 <= queue_time <= received_at:
        raise Refused(Reason.INVALID_QUEUE_TIME, "'qt' is no whole number of ms since the event, within this epoch")


def _request_id(client_id: str, parameters: Mapping[str, object]) -> str:
    """The hit's own id: the same however often, in whatever order or format it is sent; generated where `z` is missing.

    `z` alone does not do: Google means it for busting caches, and clients repeat it. The queue time is left out, since
    it grows until a hit gets through.
    """
    if not parameters.get("z"):
        return str(uuid4())
    content = {**parameters}
    content.pop("qt", None)
    if set(map(type, content.values())) != {str}:
        content = {name: _canonical(value) for name, value in content.items() if value is not None}
    return derived_id(_HIT_NAMESPACE, orjson.dumps((client_id, content), option=orjson.OPT_SORT_KEYS))


def _canonical(value: object) -> str:
    """A JSON value as a urlencoded hit would spell it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _user_ip(parameters: dict[str, object], sender: Sender) -> str | None:
    """The address to store; the hit's own override is made the same. `aip`, whatever its value, asks to truncate."""
    stored = sender.address if parameters.get("aip") is None else truncated_address
    override = _text(parameters, "uip")
    if override:
        parameters["uip"] = address = stored(override) or ""
        if address:
            return address
    return stored(sender.request.source_ip)
