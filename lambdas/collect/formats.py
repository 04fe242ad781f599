"""Two ways of writing a hit down, urlencoded and JSON: from bytes to parameters. No protocol's rules here."""

import json
from collections.abc import Mapping
from math import nan
from urllib.parse import unquote_to_bytes

import orjson

from collect.reasons import Reason, Refused

MAX_PARAMETERS = 1_000
MAX_DIGITS = 18  # any whole number of 18 digits fits 64 bits, which every reader of the data can take

# Without one of these, JSON holds no NUL and no surrogate: both need an escape, or begin with ED in UTF-8.
_UNUSABLE_TEXT_MARKS = (b"\\u0000", b"\\ud", b"\\uD", b"\xed")

# What a gateway that hands the body over as text puts where it found no UTF-8.
_REPLACEMENT = "\ufffd".encode()


class Ambiguous(dict[str, object]):
    """An object in which one name stands twice with different values."""


def as_text(raw: bytes) -> str:
    """Raises Refused: invalid_utf8."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(Reason.INVALID_UTF8, f"byte {error.start} is not UTF-8") from None


def replaced(raw: bytes) -> bool:
    """Whether the gateway had to replace bytes that were no UTF-8, before it handed the body over as text."""
    return _REPLACEMENT in raw


def looks_like_json(raw: bytes, content_type: str) -> bool:
    """By its first character rather than its content type: clients send JSON as text/plain to spare a CORS preflight,
    and urlencoded hits under whatever their HTTP library puts there."""
    return raw[:1] in (b"{", b"[", b'"') or ("json" in content_type and b"=" not in raw)


def urlencoded(raw: bytes) -> dict[str, object]:
    """The parameters of `a=1&b=2`. Raises Refused: invalid_utf8, not_an_object, too_many_parameters, …"""
    parameters = _plain_form(raw)
    if parameters is not None:
        return parameters
    text = as_text(raw)
    if "=" not in text:
        raise Refused(Reason.NOT_AN_OBJECT, "no name=value in it")
    pieces = list(filter(None, text.replace("+", " ").split("&")))
    if len(pieces) > MAX_PARAMETERS:
        raise Refused(Reason.TOO_MANY_PARAMETERS, f"more than {MAX_PARAMETERS} parameters")
    parameters = {}
    for piece in pieces:
        name, _, value = piece.partition("=")
        if "%" in piece:
            name, value = as_text(unquote_to_bytes(name)), as_text(unquote_to_bytes(value))
        if name in parameters and parameters[name] != value:  # the same once more is harmless
            raise Refused(Reason.DUPLICATE_PARAMETER, f"'{_brief(name)}' twice, with different values")
        parameters[name] = value
    _refuse_unusable_text(parameters)
    return parameters


def _plain_form(raw: bytes) -> dict[str, object] | None:
    """What nearly every urlencoded hit is, at half the time: rewritten as JSON, for orjson to read. None: look closer.

    `a=1&b=%3F` is `{"a":"1","b":"\\u003F"}`. Whatever is not name=value throughout, or not two hexadecimal digits after
    each `%`, makes no JSON. An escape above 7F comes out as the Latin-1 character of a byte of UTF-8.
    """
    if not raw.isascii() or b'"' in raw or b"\\" in raw or b"%00" in raw:
        return None
    members = raw.replace(b"%", b"\\u00").replace(b"+", b" ").replace(b"&", b'","').replace(b"=", b'":"')
    try:
        parameters = orjson.loads(b'{"%b"}' % members)
    except orjson.JSONDecodeError:
        return None
    if not len(parameters) == raw.count(b"=") <= MAX_PARAMETERS or not "".join(parameters).isascii():
        return None
    for name, value in parameters.items():
        if not value.isascii():
            parameters[name] = as_text(value.encode("latin-1"))
    return parameters


def json_value(raw: bytes) -> object:
    """Any JSON value. Raises Refused: invalid_utf8, invalid_json. NaN and endless digits are left to `json_object`.

    They come through as a float NaN, so that one of them in a JSON array does not cost its neighbours.
    """
    value = _plain_object(raw)
    return decoded(raw, _DECODER) if value is None else value


def decoded(raw: bytes, decoder: json.JSONDecoder) -> object:
    """The same by a decoder of a protocol's own."""
    text = as_text(raw)
    try:
        return decoder.decode(text)
    except json.JSONDecodeError as error:
        raise Refused(Reason.INVALID_JSON, f"not JSON at character {error.pos}: {error.msg}") from None
    except RecursionError:
        raise Refused(Reason.INVALID_JSON, "nested too deeply") from None


def _plain_object(raw: bytes) -> dict[str, object] | None:
    """What nearly every JSON hit is, a flat object without surprises, at a third of the time. None: look closer.

    orjson drops duplicates and rounds endless digits without a word, so it is believed only where neither can have
    happened: where there are no quotation marks but those around the names and texts it found, and no large numbers.
    """
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(value, dict):
        return None
    texts = 0
    for item in value.values():
        if isinstance(item, str):
            texts += 1
        elif item is not None and not (isinstance(item, int | float) and abs(item) < 10**MAX_DIGITS):
            return None
    return value if raw.count(b'"') == 2 * (len(value) + texts) else None


def json_object(raw: bytes, value: object, text_parameters: frozenset[str]) -> dict[str, object]:
    """The parameters of a flat JSON object whose `text_parameters` hold text. raw: the bytes `value` was read from."""
    if not isinstance(value, dict):
        raise Refused(Reason.NOT_AN_OBJECT, "JSON, but not an object")
    if len(value) > MAX_PARAMETERS:
        raise Refused(Reason.TOO_MANY_PARAMETERS, f"more than {MAX_PARAMETERS} parameters")
    if isinstance(value, Ambiguous):
        raise Refused(Reason.DUPLICATE_PARAMETER, "one name twice, with different values")
    if any(mark in raw for mark in _UNUSABLE_TEXT_MARKS):
        _refuse_unusable_text(value)
    for name, item in value.items():
        if isinstance(item, str) or item is None:
            continue
        if isinstance(item, dict | list):
            raise Refused(Reason.NESTED_VALUE, f"'{_brief(name)}' holds a {type(item).__name__}")
        if isinstance(item, float) and item - item != 0:
            raise Refused(Reason.INVALID_NUMBER, f"'{_brief(name)}' is no finite number of at most {MAX_DIGITS} digits")
        if name in text_parameters:
            raise Refused(Reason.WRONG_TYPE, f"'{_brief(name)}' is a {type(item).__name__}, text is expected")
    return value


def _refuse_unusable_text(parameters: Mapping[str, object]) -> None:
    for text in (*parameters, *parameters.values()):
        if isinstance(text, str) and ("\0" in text or not _is_unicode(text)):
            raise Refused(Reason.INVALID_CHARACTER, "NUL or half of a surrogate pair")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _brief(name: str) -> str:
    """A parameter's name in a message: a sender's text, so cut and made printable."""
    return "".join(character if character.isprintable() else "?" for character in name[:40])


def _whole_number(digits: str) -> int | float:
    return int(digits) if len(digits) <= MAX_DIGITS else nan


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    return value if all(value[name] == item for name, item in pairs) else Ambiguous(value)


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_whole_number)
