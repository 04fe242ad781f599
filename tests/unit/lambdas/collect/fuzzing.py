"""Requests for the fuzz: those of the corpus, and others made by a grammar of all protocols, both mutated.

Each comes from a seed and a number alone, so that a failure can be had again.
"""

import base64
import copy
import gzip
import json
import random
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from collect.protocols import ROUTES

CORPUS = [
    json.loads(path.read_text())["event"] for path in sorted((Path(__file__).parent.parent / "events").glob("*.json"))
]
PLACES = sorted(ROUTES)

# Nothing that is stored, logged or answered may hold it.
SECRET = "not-to-be-stored"

HOSTILE: list[str] = [
    "",
    "\0",
    "\ud800",
    "\u2028\u2029\x85",
    "\r\n{}\n",
    "\x1b]0;title\x07\x1b[2J",
    "'; DROP TABLE RAW.LOGS; --",
    "${jndi:ldap://x}",
    "../../etc/passwd",
    "=HYPERLINK(1)",
    "[red]bold[/]",
    "%00%ff%C0%AF%",
    "9" * 400,
    "-1",
    "1e999",
    "NaN",
    "a" * 5_000,
    "日本語🛒",
    "\u202egpj.exe",
    "true",
    "null",
    "[]",
    "{}",
]
HOSTILE_BYTES = [
    b"\0",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xc0\xaf",
    b"\n",
    b"\r",
    b'"',
    b"\\",
    b"{",
    b"[" * 2_000,
    b"&",
    b"%",
]
HOSTILE_VALUES: list[Any] = [None, True, -1, 0, 10**30, 1.5, 1e308, "", "x", [], {}, [[]], {"a": {"b": []}}]

CONTENT_TYPES = ["text/plain", "application/json", "application/x-www-form-urlencoded", "image/png", "", "é", "a" * 300]
ENCODINGS = ["", "identity", "gzip", "GZIP", "br", "gzip, gzip", "\0"]
PATHS = [
    "//collect",
    "/collect/",
    "/%63ollect",
    "/collect%2f..",
    "/COLLECT",
    "/../collect",
    "",
    "*",
    "/collect\n",
    "/é",
]

GA = (
    "t",
    "cid",
    "uid",
    "z",
    "qt",
    "dl",
    "uip",
    "aip",
    "ua",
    "v",
    "tid",
    "pa",
    "pr1id",
    "pr1pr",
    "ti",
    "tr",
    "npa",
    "gcs",
)
GA_TYPES = ("pageview", "event", "transaction", "item", "social", "nonsense")
SEGMENT = (
    "type", "messageId", "anonymousId", "userId", "event", "name", "properties", "traits", "groupId", "previousId",
    "context", "integrations", "originalTimestamp", "sentAt", "timestamp", "writeKey", "batch",
)  # fmt: skip
SEGMENT_TYPES = ("track", "page", "screen", "identify", "group", "alias", "nonsense")
SNOWPLOW = (
    "e", "eid", "aid", "p", "tv", "dtm", "stm", "ttm", "duid", "nuid", "sid", "vid", "uid", "url", "page", "refr",
    "se_ca", "se_ac", "se_va", "tr_id", "tr_tt", "ti_sk", "ti_pr", "ti_qu", "ue_pr", "ue_px", "co", "cx", "ip",
)  # fmt: skip
SNOWPLOW_EVENTS = ("pv", "pp", "se", "ue", "tr", "ti", "nonsense")
LARGE = 0.002  # of the made payloads: each takes as long as hundreds of others
SELF_DESCRIBING = "iglu:com.snowplowanalytics.snowplow/{}/jsonschema/1-0-0"


def request(seed: int, number: int) -> dict[str, Any]:
    """The request of this number: an event as API Gateway hands it over, or nearly one."""
    dice = random.Random(f"{seed}/{number}")
    event = _recorded(dice) if dice.random() < 0.4 else _made(dice)
    for _ in range(dice.choice((0, 0, 1, 1, 2, 4))):
        dice.choice(MUTATIONS)(event, dice)
    return event


def _recorded(dice: random.Random) -> dict[str, Any]:
    """One of the corpus. A body's own secrets are none any more once the name before them is spoilt."""
    event = copy.deepcopy(dice.choice(CORPUS))
    body = _body_bytes(event) or b""
    try:
        plain = gzip.decompress(body)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        plain = body
    if SECRET.encode() in plain:
        harmless = plain.replace(SECRET.encode(), b"a-write-key")
        body = gzip.compress(harmless) if plain is not body else harmless
        event["body"], event["isBase64Encoded"] = base64.b64encode(body).decode(), True
    return event


def _made(dice: random.Random) -> dict[str, Any]:
    method, path = dice.choice(PLACES)
    payload = _payload(dice)
    if dice.random() < LARGE:
        method, path, payload = "POST", "/v1/batch", _large(dice)
    as_query = method == "GET" or dice.random() < 0.05
    headers = {
        "content-type": dice.choice(CONTENT_TYPES),
        "user-agent": dice.choice(("Mozilla/5.0", *HOSTILE)),
        "cookie": f"sp={dice.randrange(9)}; session={SECRET}",
        "authorization": f"Bearer {SECRET}",
        "x-forwarded-for": "203.0.113.77",
    }
    if dice.random() < 0.1:
        headers[dice.choice(("dnt", "sec-gpc"))] = "1"
    body = payload
    if dice.random() < 0.15:
        headers["content-encoding"] = dice.choice(ENCODINGS)
        body = gzip.compress(payload, 1) if dice.random() < 0.7 else payload
    encoded = dice.random() < 0.6 or headers.get("content-encoding")
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": payload.decode("latin-1") if as_query else "",
        "headers": headers,
        "cookies": [f"session={SECRET}", f"sp={dice.randrange(9)}"],
        "requestContext": {
            "domainName": "collect.example",
            "requestId": "UKQ5xhRgjoEEMeA=",
            "stage": "$default",
            "http": {"method": method, "path": path, "sourceIp": "203.0.113.77"},
            "timeEpoch": 1_763_777_777_000,
        },
        "body": None if as_query else base64.b64encode(body).decode() if encoded else body.decode("utf-8", "replace"),
        "isBase64Encoded": bool(encoded) and not as_query,
    }


def _large(dice: random.Random) -> bytes:
    """A batch of Segment's around its limits: of messages, of what it says for all, and of what is wrong beyond."""
    few = [_hit(dice) for _ in range(3)] + [{"type": "page", "userId": "u", "traits": {"id": 7}, "name": float("nan")}]
    messages = [{"type": "page", "userId": "u"}] * dice.choice((400, 2_500, 4_990)) + few
    shared = {"context": {"x": "x" * dice.choice((0, 500, 5_000, 300_000)), "traits": {"id": "ada"}}}
    return _json({"batch": messages, **dice.choice(({}, shared)), "writeKey": "local-write-key"})


def _payload(dice: random.Random) -> bytes:
    """A body, or a query string, in one of the protocols' ways of writing."""
    hits = [_hit(dice) for _ in range(dice.choice((1, 1, 1, 3, 21)))]
    match dice.randrange(7):
        case 0:
            return "\n".join(urlencode(hit, errors="replace") for hit in hits).encode()
        case 1:
            return _json(hits[0])
        case 2:
            return _json(hits)
        case 3:
            return _json({"batch": hits, "sentAt": _time(dice), "context": {}, "writeKey": "local-write-key"})
        case 4:
            return _json({"schema": SELF_DESCRIBING.format("payload_data"), "data": hits})
        case 5:
            return b"\n".join(map(_json, hits))
    return "&".join(f"{name}={quote(str(value), errors='replace')}" for name, value in hits[0].items()).encode()


def _hit(dice: random.Random) -> dict[str, Any]:
    names, kind, kinds = dice.choice(
        ((GA, "t", GA_TYPES), (SEGMENT, "type", SEGMENT_TYPES), (SNOWPLOW, "e", SNOWPLOW_EVENTS))
    )
    hit = {name: _value(name, dice) for name in dice.sample(names, dice.randrange(1, len(names) // 2))}
    if dice.random() < 0.9:
        hit[kind] = dice.choice(kinds)
    if dice.random() < 0.8:
        hit[dice.choice(("cid", "anonymousId", "userId", "duid", "aid", "messageId"))] = f"id-{dice.randrange(99)}"
    return hit


def _value(name: str, dice: random.Random) -> Any:
    if dice.random() < 0.2:
        return dice.choice(HOSTILE_VALUES if dice.random() < 0.5 else HOSTILE)
    if name in ("properties", "traits", "context", "integrations"):
        return {"sku": "1", "price": dice.choice((1, "2.5", None)), "products": [{"sku": "2"}], "email": "a@b.example"}
    if name in ("originalTimestamp", "sentAt", "timestamp"):
        return _time(dice)
    if name in ("co", "ue_pr", "cx", "ue_px"):
        inner = {"schema": SELF_DESCRIBING.format("link_click"), "data": {"targetUrl": "https://shop.example"}}
        text = json.dumps({"schema": SELF_DESCRIBING.format("contexts"), "data": [inner] if "c" in name else inner})
        return base64.urlsafe_b64encode(text.encode()).decode() if "x" in name else text
    return dice.choice(("1", "shoes", "https://shop.example/?q=1", str(dice.randrange(10**13)), dice.randrange(99)))


def _time(dice: random.Random) -> str:
    return dice.choice(
        ("2025-11-22T02:16:17.000Z", "2025-11-22T02:16:17+02:00", "0001-01-01", "tomorrow", "1763777777")
    )


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _body_bytes(event: dict[str, Any]) -> bytes | None:
    body = event.get("body")
    if not isinstance(body, str):
        return None
    if event.get("isBase64Encoded"):
        try:
            return base64.b64decode(body)
        except ValueError:
            return None
    return body.encode("utf-8", "surrogatepass")


def _spoil_body(event: dict[str, Any], dice: random.Random) -> None:
    """Bytes flipped, cut off, doubled or put in, behind whatever the gateway and gzip put around them."""
    body = _body_bytes(event)
    if body is None:
        return
    at = dice.randrange(len(body) + 1)
    match dice.randrange(4):
        case 0:
            body = body[:at]
        case 1:
            body = body[:at] + dice.choice(HOSTILE_BYTES) + body[at:]
        case 2:
            body = body + body[:at]
        case _:
            body = body[:at] + bytes([dice.randrange(256)]) + body[at + 1 :]
    event["body"], event["isBase64Encoded"] = base64.b64encode(body).decode(), True


def _spoil_text(event: dict[str, Any], dice: random.Random) -> None:
    name = dice.choice(("body", "rawQueryString"))
    if isinstance(text := event.get(name), str):
        at = dice.randrange(len(text) + 1)
        event[name] = text[:at] + dice.choice(HOSTILE) + text[at:]


def _spoil_header(event: dict[str, Any], dice: random.Random) -> None:
    headers = event.get("headers")
    if isinstance(headers, dict):
        name = dice.choice(("content-type", "content-encoding", "user-agent", "origin", "referer", "dnt", "x" * 500))
        headers[name] = dice.choice(HOSTILE_VALUES if dice.random() < 0.2 else [*HOSTILE, *CONTENT_TYPES, *ENCODINGS])


def _spoil_place(event: dict[str, Any], dice: random.Random) -> None:
    method, path = dice.choice(PLACES)
    event["rawPath"] = dice.choice((path, path + "/", path.upper(), "/" + path, *PATHS))
    context = event.get("requestContext")
    if isinstance(context, dict) and isinstance(context.get("http"), dict):
        context["http"]["method"] = dice.choice((method, "DELETE", "", "post", "GET\n"))


def _spoil_shape(event: dict[str, Any], dice: random.Random) -> None:
    """Something the gateway always gives is missing, or of another type."""
    where: Any = event
    for _ in range(dice.randrange(3)):
        inner = [value for value in where.values() if isinstance(value, dict) and value]
        where = dice.choice(inner) if inner else where
    name = dice.choice([*where, "body"])
    if name in ("authorization", "cookie", "cookies"):
        return
    if dice.random() < 0.5:
        where.pop(name, None)
    else:
        where[name] = copy.deepcopy(dice.choice(HOSTILE_VALUES))


MUTATIONS: list[Callable[[dict[str, Any], random.Random], None]] = [
    _spoil_body,
    _spoil_body,
    _spoil_text,
    _spoil_header,
    _spoil_place,
    _spoil_shape,
]
