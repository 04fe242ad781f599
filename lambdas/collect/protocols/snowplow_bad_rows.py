"""Bad rows as Snowplow's users know them: `schema` and `data`, so that each line is a self-describing JSON.

    schema_violations                    self-describing JSON that can not be read, is unknown or is not valid
    tracker_protocol_violations          a payload or a parameter that the tracker protocol does not allow
    size_violation                       too large
    collector_payload_format_violation   a request that can not be read as HTTP has it
    generic_error                        a fault of the collector's own

`adapter_failures` are about other vendors' webhooks, of which there are none here. The shapes are those that Iglu
Central has under `com.snowplowanalytics.snowplow.badrows`. Addresses are truncated always, also where configuration
keeps them whole.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import orjson

from collect.hiding import Hiding
from collect.protocols.snowplow_people import SELF_DESCRIBING, hidden_json
from collect.reasons import Reason, Refused
from collect.registry import Violation
from shared.envelope import Request
from shared.privacy import truncated_address, without_addresses

MAX_BODY_BYTES = 1_000_000  # of a POST: what Snowplow's collector takes, whose events go into Kinesis

PROCESSOR = {"artifact": "headrace-collect", "version": "0.1.0"}
VENDOR, ADAPTER = "com.snowplowanalytics.snowplow", "tp2"
BAD_ROWS = "iglu:com.snowplowanalytics.snowplow.badrows"

SCHEMA_REASONS = frozenset({Reason.NOT_SELF_DESCRIBING, Reason.UNKNOWN_SCHEMA, Reason.SCHEMA_VIOLATION})
SIZE_REASONS = frozenset({Reason.BODY_TOO_LARGE, Reason.HIT_TOO_LARGE})
FORMAT_REASONS = frozenset(
    {
        Reason.EMPTY_REQUEST,
        Reason.INVALID_BASE64,
        Reason.INVALID_GZIP,
        Reason.INVALID_UTF8,
        Reason.METHOD_NOT_ALLOWED,
        Reason.UNSUPPORTED_ENCODING,
    }
)

# The shapes' own limits: of characters, and ours of parameters, which the shapes do not limit.
MAX_VALUE, MAX_TEXT, MAX_AGENT, MAX_URI, MAX_TYPE, MAX_EXPECTATION = 512, 10_000, 4_096, 8_192, 256, 256
MAX_PARAMETERS = 200

# Those of the fields of the enriched event that a parameter gives by itself.
_ENRICHED = {
    "app_id": "aid",
    "platform": "p",
    "event_id": "eid",
    "name_tracker": "tna",
    "v_tracker": "tv",
    "domain_userid": "duid",
    "domain_sessionid": "sid",
    "page_url": "url",
    "page_title": "page",
    "page_referrer": "refr",
}


def describe(refused: Refused, payload: bytes, size: int, request: Request, hiding: Hiding) -> Mapping[str, object]:
    """What a bad row holds beside the fields that all have. payload: as the row keeps it."""
    timestamp = _instant(request.timestamp)
    if refused.reason in SIZE_REASONS:
        failure = {
            "timestamp": timestamp,
            "maximumAllowedSizeBytes": MAX_BODY_BYTES,
            "actualSizeBytes": size,
            "expectation": refused.message[:MAX_EXPECTATION],
        }
        return _row("size_violation", "1-0-0", failure, _text(payload))
    if refused.reason in FORMAT_REASONS:
        # Loaders are a closed list; `thrift` is what Snowplow's collectors for streams have.
        failure = {"timestamp": timestamp, "loader": "thrift", "message": {"error": refused.message[:MAX_VALUE]}}
        return _row("collector_payload_format_violation", "1-0-0", failure, _text(payload))
    if refused.reason is Reason.INTERNAL_ERROR:
        return _row("generic_error", "1-0-0", {"timestamp": timestamp, "errors": [refused.message]}, _text(payload))
    parameters = _parameters(payload)
    messages = [_hidden(_message(refused, timestamp), parameters, hiding)]
    if isinstance(refused, Violation) and refused.reason in SCHEMA_REASONS:
        raw = {"parameters": _named(parameters), "loaderName": PROCESSOR["artifact"], "userId": None}
        event = {"raw": {**_collected(request), **raw}, "enriched": _enriched(parameters, timestamp)}
        return _row("schema_violations", "2-0-1", {"timestamp": timestamp, "messages": messages}, event)
    failure = {"timestamp": timestamp, "vendor": VENDOR, "version": ADAPTER, "messages": messages}
    is_query = request.method == "GET"
    whole = {
        **_collected(request),
        "querystring": _named(parameters) if is_query else None,
        "body": None if is_query else _text(payload),
        "collector": PROCESSOR["artifact"],
        "networkUserId": None,
    }
    return _row("tracker_protocol_violations", "1-0-1", failure, whole)


def _row(name: str, version: str, failure: Mapping[str, object], payload: object) -> dict[str, object]:
    data = {"processor": PROCESSOR, "failure": failure, "payload": payload}
    return {"schema": f"{BAD_ROWS}/{name}/jsonschema/{version}", "data": data}


def _message(refused: Refused, timestamp: str) -> Mapping[str, object]:
    if not isinstance(refused, Violation):
        field = "body" if refused.reason is not Reason.DUPLICATE_PARAMETER else "querystring"
        return {"field": field, "value": None, "expectation": refused.message[:MAX_EXPECTATION]}
    failure = refused.failure
    error = failure.get("error")
    if isinstance(error, Mapping) and error.get("error") == "ResolutionError":
        lookup = {
            "repository": "Headrace",
            "errors": [{"error": "NotFound"}],
            "attempts": 1,
            "lastAttempt": timestamp,
        }
        return {**failure, "error": {**error, "lookupHistory": [lookup]}}
    return failure


def _hidden(message: Mapping[str, object], parameters: Mapping[str, str], hiding: Hiding) -> object:
    """A message without what the row hides. A parameter's value is quoted from what the row keeps of it."""
    quoted = {}
    if (field := message.get("field")) in SELF_DESCRIBING and field in parameters:
        quoted = {"value": parameters[str(field)][:MAX_VALUE]}
    if "json" in message:
        found = hidden_json(message["json"], hiding.pseudonym) if hiding.pseudonym else message["json"]
        quoted = {"json": Hiding(anonymous=hiding.anonymous).value(_brief(found), "", MAX_VALUE)}
    return {
        name: quoted[name] if name in quoted else hiding.value(value, name, MAX_VALUE)
        for name, value in message.items()
    }


def _brief(value: object) -> object:
    """The JSON itself, or the beginning of its text where it is long."""
    try:
        text = orjson.dumps(value).decode()
    except TypeError:  # nested too deeply to be written
        return None
    return value if len(text) <= MAX_VALUE else text[:MAX_VALUE]


def _collected(request: Request) -> dict[str, object]:
    headers = request.headers
    return {
        "vendor": VENDOR,
        "version": ADAPTER,
        "contentType": headers["content-type"][:MAX_TYPE] if "content-type" in headers else None,
        "encoding": "UTF-8",
        "hostname": request.hostname or None,
        "timestamp": _instant(request.timestamp),
        "ipAddress": truncated_address(request.source_ip),
        "useragent": headers["user-agent"][:MAX_AGENT] if "user-agent" in headers else None,
        "refererUri": headers["referer"][:MAX_URI] if "referer" in headers else None,
        "headers": [f"{name}: {value}"[:MAX_URI] for name, value in headers.items()],
    }


def _parameters(payload: bytes) -> dict[str, str]:
    """Those of a payload of one event, or of a query string, as far as they can be read, without whole addresses."""
    if payload[:1] != b"{":
        pairs = dict(parse_qsl(payload.decode("utf-8", "replace")))
    else:
        try:
            value = orjson.loads(payload)["data"][0]
        except (ValueError, LookupError, TypeError):
            return {}
        pairs = {name: item for name, item in value.items() if isinstance(item, str)} if isinstance(value, dict) else {}
    return {name: Hiding().named(name, item[:MAX_VALUE]) for name, item in pairs.items()}


def _named(parameters: Mapping[str, str]) -> list[dict[str, str]]:
    pairs = list(parameters.items())[:MAX_PARAMETERS]
    return [{"name": _clean(name), "value": _clean(value)} for name, value in pairs]


def _enriched(parameters: Mapping[str, str], timestamp: str) -> dict[str, str]:
    """What is known of the event, by the names of the enriched one."""
    known = {field: _clean(parameters[name]) for field, name in _ENRICHED.items() if name in parameters}
    return {**known, "collector_tstamp": timestamp, "v_collector": PROCESSOR["artifact"], "v_etl": PROCESSOR["version"]}


def _clean(text: str) -> str:
    return text[:MAX_VALUE].replace("\0", "\\x00")


def _text(payload: bytes) -> str:
    text = payload[: MAX_TEXT * 4].decode("utf-8", "backslashreplace")[:MAX_TEXT]
    return without_addresses(text.replace("\0", "\\x00"))[:MAX_TEXT]


def _instant(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
