"""What may be kept of the person behind a request: an allow-list of headers, and truncated IP addresses."""

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import unquote_plus

ALLOWED_HEADERS = frozenset(
    {"accept-language", "content-encoding", "content-type", "dnt", "origin", "referer", "sec-gpc", "user-agent"}
)
ALLOWED_HEADER_PREFIX = "sec-ch-ua"  # the browser's client hints, which replace the user agent

# Whatever a deployment allows besides: these name a person, or let somebody act as one.
NEVER_KEPT = frozenset(
    {"authorization", "cookie", "cookie2", "forwarded", "proxy-authorization", "set-cookie", "via", "x-api-key"}
)
# Forwarding chains, what networks call the visitor's address, and tokens.
NEVER_KEPT_PARTS = ("forwarded", "client-ip", "real-ip", "connecting-ip", "cookie", "token", "secret", "auth")

# With their names. An HTTP API takes 10,240 bytes of request line and values in all, so none that came through is cut.
MAX_HEADERS_CHARACTERS = 16_384

KEPT_BITS_IPV4 = 24  # as Google Analytics' own anonymisation: the last octet goes
KEPT_BITS_IPV6 = 48  # and of IPv6 the last 80 bits

# Google Analytics' `uip`, Segment's `context.ip`, Snowplow's `ip`.
ADDRESSES = frozenset({"ip", "uip"})
_ADDRESS = re.compile(
    r"""(?xi)
    (?P<name> (?: \b | (?<=%22) ) u?ip \b (?: \\?["'] | (?:%5C)? %22 )? \s* (?: = | : | %3A )
        (?: \s | %20 | \+ )* (?: \\?["'] | (?:%5C)? %22 )? )
    (?P<address> (?: (?! (?:%5C)? %22 ) [^&"'\s,}\\] )+ )"""
)

_WRITE_KEY = re.compile(r"""(?P<name>"writeKey"\s*:\s*)"(?:[^"\\]|\\.)*(?:"|\\?\Z)""", re.DOTALL)

# Where a text says who the user is, and by Snowplow's names which browser it is.
USER_IDS = frozenset({"uid", "user_id", "userId", "previousId"})
NETWORK_USERS = frozenset({"nuid", "tnuid", "ip"})

# `uid=ada`, `"userId": "ada"`, and that within JSON (`\"`) or within a query string (`%22`).
_NAMED = rb"""(?xs)
    (?P<before> (?: \b | (?<=%22) ) (?: NAMES )
        (?P<quoted> \\?["'] | (?P<escaped> (?:%5[Cc])? %22 ) )?
        (?: \s | %20 | \+ )* (?: = | : | %3[AaDd] ) (?: \s | %20 | \+ )* )
    (?:
        (?(quoted) " | (?!) ) (?P<text> (?: [^"\\] | \\. )+ )
        | \\" (?P<inner> [^"\\]+ )
        | (?P<mark> (?:%5[Cc])? %22 ) (?P<within> (?: (?! (?:%5[Cc])? %22 ) [^&\s] )+ )
        | (?P<quote> ['"] )? (?! [\[{] | %5[Bb] | %7[Bb] )
          (?P<plain> (?(escaped) (?: (?! (?:%5[Cc])? %22 | %2[Cc] | %5[Dd] | %7[Dd] ) [^&"'\s,}\]] )+
                               | [^&"'\s,}\]\\]+ ) )
    )
"""


def _names(names: frozenset[str]) -> re.Pattern[bytes]:
    return re.compile(_NAMED.replace(b"NAMES", "|".join(sorted(names)).encode()))


_USER_ID, _NETWORK_USER = _names(USER_IDS), _names(NETWORK_USERS)


def may_be_kept(name: str) -> bool:
    """Whether a deployment may allow a header besides. name: in lower case."""
    return name not in NEVER_KEPT and not any(part in name for part in NEVER_KEPT_PARTS)


def allowed_headers(headers: Mapping[str, object], more: frozenset[str] = frozenset()) -> dict[str, str]:
    """The headers worth keeping, by lower-case name. Cookies, credentials and forwarding chains are not among them.

    more: what a deployment allows besides, of names that `may_be_kept`.
    """
    kept, left = {}, MAX_HEADERS_CHARACTERS
    for name, value in headers.items():
        name = name.lower()
        if name in ALLOWED_HEADERS or name in more or name.startswith(ALLOWED_HEADER_PREFIX):
            left -= len(name)
            if left <= 0:
                break
            kept[name] = printable(str(value))[:left]
            left -= len(kept[name])
    return kept


def printable(text: str) -> str:
    """The text without what JSON readers stumble over: NUL, and halves of surrogate pairs."""
    if text.isascii():
        return text.replace("\0", "")
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


@lru_cache(maxsize=4096)
def address_of(text: str) -> IPv4Address | IPv6Address | None:
    """The address a text names, or None where it names none. IPv4 mapped into IPv6 counts as IPv4."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


@lru_cache(maxsize=4096)
def truncated_address(text: str) -> str | None:
    """The network a person is in, not the person: /24 of IPv4, /48 of IPv6; None where the text is no address."""
    address = address_of(text)
    if address is None:
        return None
    bits = KEPT_BITS_IPV4 if address.version == 4 else KEPT_BITS_IPV6
    # The integer leaves out an IPv6 zone ("%eth0"), which a network does not take.
    return str(ip_network((int(address), bits), strict=False).network_address) if int(address) else str(address)


def without_addresses(payload: str) -> str:
    """A payload nobody could read, with the visitor's address truncated where it can be seen."""

    def shorten(match: re.Match[str]) -> str:
        address = match["address"].replace("%3A", ":").replace("%3a", ":")
        nonsense = "" if match["name"][0] in "uU" else match["address"]
        return match["name"] + (truncated_address(address) or nonsense)

    return _ADDRESS.sub(shorten, payload)


def without_write_keys(payload: str) -> str:
    """The same with Segment's write keys taken out, whole or cut off."""
    return _WRITE_KEY.sub(r'\g<name>""', payload) if "writeKey" in payload else payload


def without_user_ids(payload: bytes, pseudonym: Callable[[str], str]) -> bytes:
    """A payload nobody could read, with a pseudonym for each user id that can be seen in it."""
    return _USER_ID.sub(lambda match: _with(match, pseudonym), payload)


def without_network_users(payload: bytes) -> bytes:
    """The same with Snowplow's network user ids and addresses emptied: of who asks to be anonymous."""
    return _NETWORK_USER.sub(lambda match: _with(match, lambda _: ""), payload)


def _with(match: re.Match[bytes], pseudonym: Callable[[str], str]) -> bytes:
    """What replaces one name and its value."""
    before = match["before"]
    if match["text"] is not None:
        return before + b'"' + pseudonym(_unescaped(match["text"])).encode()
    if match["inner"] is not None:
        return before + b'\\"' + pseudonym(match["inner"].decode("utf-8", "replace")).encode()
    if match["within"] is not None:
        return before + match["mark"] + pseudonym(unquote_plus(match["within"].decode("utf-8", "replace"))).encode()
    value = match["plain"].decode("utf-8", "replace")
    mark = match["escaped"] or (b"" if match["quote"] else match["quoted"]) or b""
    if mark and value == "null":
        return match[0]
    hidden = pseudonym(value if mark else unquote_plus(value)).encode()
    return before + mark + (match["quote"] or b"") + hidden + mark  # after a quoted name: JSON's number, true or false


def _unescaped(text: bytes) -> str:
    """What stands between quotation marks in JSON, or where it is none, the text itself."""
    try:
        return printable(json.loads(b'"%b"' % text))
    except ValueError:
        return text.decode("utf-8", "replace")
