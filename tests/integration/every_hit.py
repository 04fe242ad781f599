"""Three thousand hits of every kind that can reach the warehouse, always the same ones.

They are meant to hold one engine's tables against the other's, so they hold what the two might take differently: values
of the wrong type in every typed field, text of every sort, times at the edges of sessions, days and clock changes, hits
sent again, late or in the wrong order, transactions told of twice.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.integration import every_message
from tests.unit.headrace.raw_logs import BEGINNING, Hit

HIT_TYPES = ("pageview", "screenview", "event", "transaction", "item", "social", "exception", "timing")
PRODUCT_ACTIONS = ("click", "detail", "add", "remove", "checkout", "checkout_option", "purchase", "refund")

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)

# What a number may come as: none, several that are, many that are not.
VALUES: tuple[Any, ...] = (
    "", " ", "7", " 7 ", "+7", "-7", "007", "12.34567", ".5", "5.", "12,5", "1.234.567", "1 000", "soon", "null", "1e3",
    "1E400", "NaN", "Infinity", "-inf", "0x10", "٣", "7€", "true", "9" * 15, "9" * 40, "0." + "1" * 40,
    0, 7, -7, 3.7, 2.5, -2.5, 1e15, 1e300, True, False, None, [], [7], ["7", 8], {}, {"value": 7},
)  # fmt: skip
TYPED_FIELDS = ("qt", "ev", "tr", "tt", "ts", "pr1pr", "pr1qt", "pr1ps")

# What a text may come as.
TEXTS: tuple[Any, ...] = (
    "", "   ", "Plain", "  surrounded  ", "two\nlines\tand a tab", "\u00a0no-break\u00a0", "  \u00a0both\t ",
    "e\u0301 é", "ÀÉÎ Straße", "Ωμέγα Привет", "日本語のページ", "👟 shoe 🏳️‍🌈", "مرحبا", "\u200bzero width",
    "quote ' and \" and \\", "%d {x} $1 $$ &amp;", "'; drop table logs; --", "null", "x" * 4_000,
    7, 1.50, True, None, ["a", "b"], {"a": {"b": "c"}},
)  # fmt: skip
TEXT_FIELDS = ("dl", "dr", "dt", "ua", "ul", "sr", "de", "sd", "ec", "ea", "el", "pa", "pal", "cu", "ti", "ta", "tcc")
PRODUCT_TEXT_FIELDS = ("pr1id", "pr1nm", "pr1br", "pr1ca", "pr1va")

BOTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "curl/8.5.0",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36",
)
PRODUCT = {
    **{"pr1id": "Shoe-1", "pr1nm": "Trail shoe", "pr1br": "Head & Race", "pr1ca": "Shoes/Trail", "pr1va": "red"},
    **{"pr1pr": "119.90", "pr1qt": "2", "pr1ps": "1", "pr1cc": "SPRING", "pr1cd1": "waterproof", "pr1cm1": "5"},
}
PRODUCTS = {
    **PRODUCT,
    **{
        "pr2id": "Sock-2",
        "pr2pr": "4.5",
        "pr2qt": "3",
        "pr3id": "shoe-1",
        "pr10id": "Tent",
        "pr200id": "Last",
        "pr200pr": "1",
    },
    # No product: an index of four digits, no index, no field, a field of no product.
    **{"pr1000id": "Beyond", "prid": "None", "pr4": "None", "product": "None"},
}
PROMOTIONS = {"promoa": "click", "promo1id": "Sale", "promo1nm": "Spring sale", "promo1cr": "banner", "promo1ps": "top"}
IMPRESSIONS = {"il1nm": "Results", "il1pi1id": "Shoe-1", "il1pi1ps": "1", "il1pi2id": "Sock-2", "il2nm": "More"}


def every_hit() -> list[Hit]:
    """The hits in the order of their loads. Each load's hits are in the order in which they were sent."""
    numbered = _Numbered()
    return [
        *numbered.at(0, _kinds()),
        *numbered.at(1, _wrong_types()),
        *numbered.at(2, _texts()),
        *numbered.at(3, _sources()),
        *numbered.at(4, _searches()),
        *numbered.at(5, every_message.segment(VALUES, TEXTS)),
        *numbered.at(6, every_message.snowplow(VALUES, TEXTS)),
        *_visits(),
        *_transactions(),
        *_repeated(),
    ]


def _kinds() -> Iterator[dict[str, Any]]:
    """Every type of hit and every action on products, bare and in full."""
    for hit_type in HIT_TYPES:
        yield {"t": hit_type}
        yield {
            "t": hit_type.upper(),
            "dl": "https://Shop.example/A?b=C#d",
            "cd": "Home",
            "ni": "1",
            "cd1": "x",
            "cm1": "7",
        }
    yield {"t": "screenview", "an": "App", "av": "1.2", "cd": "Start"}
    # A page named by its address, by host and path, by both.
    for page in (
        {"dh": "Shop.example", "dp": "/A?q=1"},
        {"dp": "a"},
        {"dl": "https://shop.example/app#x", "dp": "/view"},
    ):
        yield {"t": "pageview", **page}
    yield {"t": "event", "ec": "a", "ea": "b", "pa": "Purchase", "ti": "capital", "promoa": " Click "}
    yield {"t": "event", "ec": "a", "ea": "b", "promoa": " Click ", "promo1id": "Sale"}
    yield {"t": "event", "ec": "a", "ea": "b", "pa": "purchase", "ti": "exponent", "tr": "1e-999999", "pr1id": "a"}
    yield {"t": "social", "sn": "facebook", "sa": "like", "st": "https://shop.example/"}
    yield {"t": "exception", "exd": "Error: boom", "exf": "1"}
    yield {"t": "timing", "utc": "load", "utv": "dom", "utt": "1234", "plt": "99"}
    yield {"t": "item", "ti": "old-1", "in": "Shoe", "ip": "119.90", "iq": "2", "ic": "Shoe-1", "iv": "Shoes"}
    yield {"t": "event", "ec": "video", "ea": "play", "el": "Intro", "ev": "30"}
    yield from ({"t": "event", "ec": category, "ev": "0"} for category in ("shop", " Shop ", "SEARCH", None, ""))
    for action in PRODUCT_ACTIONS:
        yield {"t": "event", "pa": action}
        yield {"t": "pageview", "pa": action.upper(), **PRODUCT, "cu": "eur", "pal": "Search Results"}
        yield {
            "t": "event",
            "pa": action,
            **PRODUCTS,
            **PROMOTIONS,
            **IMPRESSIONS,
            "cos": "2",
            "col": "visa",
            "tcc": "TEN",
        }
    yield {"t": "event", **PRODUCTS}
    yield {"t": "event", "pa": "unheard-of", **PRODUCT}
    yield {}
    yield {"t": None, "pa": None, "pr1id": None}
    yield {f"pr{number}id": f"many-{number}" for number in range(1, 31)} | {"t": "event", "pa": "detail"}


def _wrong_types() -> Iterator[dict[str, Any]]:
    for field in TYPED_FIELDS:
        for number, value in enumerate(VALUES):
            yield {"t": "event", "ec": "types", "pa": "purchase", "ti": f"{field}-{number}", field: value}
    # The largest that is a number, and the smallest that is none.
    yield from ({"t": "event", "ec": "types", "ev": digits} for digits in ("9" * 18, "1" + "0" * 18))
    yield {"t": "event", "pa": "add", **dict.fromkeys(TYPED_FIELDS, "wrong"), "pr2id": "b", "pr2qt": "x", "pr2pr": "1"}


def _texts() -> Iterator[dict[str, Any]]:
    for field in (*TEXT_FIELDS, *PRODUCT_TEXT_FIELDS):
        for value in TEXTS:
            yield {"t": "event", "ec": "texts", "pa": "detail", "pr1ps": "1", field: value}


def _sources() -> Iterator[Hit]:
    """Values that stand in the hit itself, in a header, in the context, in several of them, or in none."""
    context = {"document_location": "https://context.example/", "document_referrer": "https://from.example/"}
    identity = {"user_id": "Context-User", "user_ip": "2001:db8::", "user_agent": BOTS[0]}
    own = {"dl": "https://own.example/", "dr": "https://own-from.example/", "ua": BOTS[1], "uip": "198.51.100.0"}
    nothing = dict.fromkeys(("user_ip", "user_agent", *context))
    headers = {"referer": "https://header.example/", "user-agent": BOTS[2]}
    for body in ({}, own, dict.fromkeys(own, ""), dict.fromkeys(own)):
        for sent in ({}, headers, {"referer": " ", "user-agent": ""}):
            for known in (nothing, context, {**context, **identity}):
                yield _hit({"t": "pageview", **body}, context=known, headers=sent)
    yield _hit({"t": "pageview", "uid": "Ada@Example.org"}, context={"user_id": "other"})
    # Of nobody: each is a session of its own.
    yield from (replace(_hit({"t": "pageview", "cid": cid}), client_id=None) for cid in (None, "", " "))
    # The hit's own client counts, in any case.
    yield from (replace(_hit({"t": "pageview", "cid": cid}), client_id="else") for cid in ("Own", "OWN ", "own"))
    yield _hit({"t": "pageview"}, context={"protocol": "another-protocol"})
    yield _hit({"t": "pageview"}, context={"protocol": None})
    yield replace(_hit({"t": "pageview", "dt": "without an id"}), request_id=None)


def _searches() -> Iterator[dict[str, Any]]:
    for term in ("Shoes", "trail+shoes", "trail%20shoes", "", "%C3%BC", "a&b=c", "a#b"):
        for name in ("q", "query", "s", "search", "keyword", "other"):
            yield {"t": "pageview", "dl": f"https://shop.example/find?x=1&{name}={term}&page=2"}
        yield {"t": "event", "ec": "Search", "ea": "search", "el": term, "ev": str(len(term))}
    yield {"t": "event", "ec": "search", "ea": "zero results", "el": " Nothing ", "ev": "none"}
    yield {"t": "screenview", "dl": "https://shop.example/find?q=not+a+page"}


def _visits() -> Iterator[Hit]:
    """Clients whose hits are at the edges of sessions, of days, of years and of clocks."""
    gaps = (
        timedelta(),
        timedelta(milliseconds=1),
        30 * MINUTE - timedelta(milliseconds=1),
        30 * MINUTE,
        31 * MINUTE,
        DAY,
    )
    starts = [
        *(datetime(2024, 2, 28, 23, 50), datetime(2024, 2, 29, 23, 59, 59), datetime(2023, 12, 31, 23, 45)),
        # Clocks change: in America on 10 March, in Europe on 31 March and 27 October.
        *(datetime(2024, 3, 10, 6, 50), datetime(2024, 3, 31, 0, 50), datetime(2024, 10, 27, 0, 50)),
        *(datetime(2024, 11, 3, 5, 50), datetime(1999, 12, 31, 23, 59), datetime(2038, 1, 19, 3, 10)),
    ]
    for number, start in enumerate(starts):
        moment = start.replace(tzinfo=UTC) - BEGINNING
        for step in range(2 * len(gaps)):
            moment += gaps[step % len(gaps)]
            user = {"uid": f"user-{step // 4}"} if step % 3 else {}
            body = {"t": "pageview", "dl": f"https://shop.example/{step}", **user}
            yield Hit(request_id=f"visit-{number}-{step}", client_id=f"visitor-{number}", received=moment, body=body)
    # Every 25 minutes for four days: longer than a session may be, and nobody's doing.
    for step in range(4 * 24 * 60 // 25):
        body = {"t": "pageview", "ua": "Mozilla/5.0 Restless"}
        yield Hit(
            request_id=f"restless-{step}", client_id="Restless", received=10 * DAY + step * 25 * MINUTE, body=body
        )
    # A thousand hits in a quarter of an hour.
    for step in range(1_000):
        body = {"t": "event", "ec": "scan", "ea": "hit"}
        yield Hit(request_id=f"hasty-{step}", client_id="hasty", received=20 * DAY + step * SECOND, body=body)
    # The later it was received, the earlier it happened; two of one moment; and one before 1970.
    for step in range(12):
        waited = (step * 20 * MINUTE + 2 * step * MINUTE) // timedelta(milliseconds=1)
        body = {"t": "pageview", "qt": waited if step % 2 else str(waited)}
        yield Hit(request_id=f"late-{step:02}", client_id="late", received=30 * DAY + step * MINUTE, body=body)
    for name in ("b", "a"):
        body = {"t": "pageview", "uid": name, "dl": f"https://shop.example/{name}"}
        yield Hit(request_id=f"same-{name}", client_id="same", received=31 * DAY, body=body)
    yield _hit({"t": "pageview", "qt": round(BEGINNING.timestamp() * 1000)})


def _transactions() -> Iterator[Hit]:
    """Told of once, again in the same words, again in others, by another client, in capitals, without an id."""
    told = {"t": "event", "ec": "ecommerce", "pa": "purchase", "cu": "EUR", "ta": "Shop", **PRODUCTS}
    figures = {"tr": "253.30", "tt": "40.45", "ts": "4.90", "tcc": "SALE19"}
    again = ({}, {"tr": "999"}, {"tt": "41"}, {"ts": None}, {"cu": "USD"}, {"tcc": "OTHER"}, {"pr1qt": "9"}, {"ta": ""})
    for number, other in enumerate(again):
        for step, (identity, what) in enumerate(((f"T-{number}", {}), (f" T-{number} ", other), (f"T-{number}", {}))):
            yield Hit(
                request_id=f"transaction-{number}-{step}",
                client_id=f"buyer-{number if step < 2 else 'else'}",
                received=40 * DAY + number * MINUTE + step * 13 * SECOND,
                body={**told, **figures, "ti": identity, **what},
            )
    for number, body in enumerate(
        (
            {**told, **figures},
            {**told, "ti": ""},
            {**told, "ti": "free", "tr": "0"},
            {**told, "ti": "unpriced"},
            {**told, "ti": "unpriced, of nothing", "pr1pr": "", "pr2pr": "", "pr200pr": ""},
            *({**told, "ti": f"unpriced {wrong}", "tr": wrong} for wrong in ("", " ", "$5", "-1")),
            # Two transactions, not one.
            *({**told, "ti": id_, "tr": "1"} for id_ in ("aBc", "AbC")),
            {**told, "ti": 12345, "tr": 10, "tt": 1.5},
            {"t": "transaction", "ti": "old-1", "tr": "239.80", "tt": "38", "ts": "0"},
            {"t": "transaction", "ti": "T-0", "tr": "1"},
            {"t": "event", "pa": "refund", "ti": "T-1", "tr": "253.30"},
        )
    ):
        yield Hit(request_id=f"odd-{number}", client_id="buyer-odd", received=41 * DAY + number * MINUTE, body=body)


def _repeated() -> Iterator[Hit]:
    """Events that arrive again: as they were, with a longer queue time, earlier than the first, with other content."""
    for number in range(40):
        body = {"t": "pageview", "dt": f"Page {number}", "qt": "0"}
        first = Hit(
            request_id=f"again-{number}",
            client_id=f"again-{number % 5}",
            received=50 * DAY + number * MINUTE,
            body=body,
        )
        yield first
        yield (
            first,
            replace(first, received=first.received + MINUTE, body={**body, "qt": "60000"}),
            replace(first, received=first.received - MINUTE),
            replace(first, received=first.received + DAY, body={**body, "dt": "other", "uid": "other"}),
        )[number % 4]


def _hit(body: Mapping[str, Any], **rest: Any) -> Hit:
    return Hit(request_id="", client_id="client", body=body, **rest)


@dataclass
class _Numbered:
    """Gives hits ids of their own and a place in time, some minutes apart, so that they make sessions of a few hits."""

    count: int = 0

    def at(self, day: int, hits: Iterable[Hit | Mapping[str, Any]]) -> Iterator[Hit]:
        for number, hit in enumerate(hits):
            self.count += 1
            hit = hit if isinstance(hit, Hit) else _hit(hit)
            client = hit.client_id and (f"Client-{number % 7}" if hit.client_id == "client" else hit.client_id)
            # An hour's pause after every twelve.
            received = day * DAY + number * SECOND * 40 + number // 12 * 60 * MINUTE
            identity = hit.request_id if hit.request_id is None else f"hit-{self.count:05}"
            yield replace(hit, request_id=identity, client_id=client, received=received)
