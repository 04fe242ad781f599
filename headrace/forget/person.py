"""Who is to be forgotten, and whether a stored line is theirs. Pure: bytes in, a verdict out."""

import base64
import binascii
import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import quote, unquote_plus

import orjson

from headrace.home import PROJECT_FOLDER

# The collector's own way of writing JSON.
sys.path.append(str(PROJECT_FOLDER / "lambdas"))

from shared.envelope import encode_json

# Under these names the trackers and the envelope say who somebody is.
USER_KEYS = frozenset({"user_id", "uid", "userId", "previousId", "previous_id"})
CLIENT_KEYS = frozenset(
    {"client_id", "cid", "anonymousId", "anonymous_id", "duid", "nuid", "tnuid", "domain_userid", "network_userid"}
)
KEYS = USER_KEYS | CLIENT_KEYS
EMAIL_KEY = "email"

# In a text that nobody could read, a shorter id is only believed behind one of the names above.
PLAIN_ID_CHARACTERS = 8

# Snowplow's parameters that hold JSON in base64.
_BASE64 = re.compile(r"""\b(?:cx|ue_px)\\?["']?\s*[=:]\s*\\?["']?([\w+/%=-]+)""")


@dataclass(frozen=True, kw_only=True)
class Person:
    """user_ids: as given, and as the collector stores them. client_ids: browsers and devices that were theirs.

    emails: in lower case. whole_clients: whether also what others did on these clients is meant, since a client was
    named rather than a user.
    """

    user_ids: frozenset[str] = field(default_factory=frozenset)
    client_ids: frozenset[str] = field(default_factory=frozenset)
    emails: frozenset[str] = field(default_factory=frozenset)
    whole_clients: bool = False

    @property
    def ids(self) -> frozenset[str]:
        return self.user_ids | self.client_ids

    @property
    def everything(self) -> frozenset[str]:
        return self.ids | self.emails

    def known_by(self, client_ids: Iterable[str] = (), emails: Iterable[str] = ()) -> "Person":
        """The person with more that is known of them."""
        return replace(
            self,
            client_ids=self.client_ids | frozenset(client_ids),
            emails=self.emails | {email.strip().lower() for email in emails},
        )


class Finder:
    """Tells a person's lines from others'."""

    def __init__(self, person: Person) -> None:
        self._person = person
        # An address may stand in a page's address, percent-encoded.
        self._marks = [form.encode() for one in person.ids for form in written(one)]
        self._email_marks = [form.encode() for one in person.emails for form in (one, quote(one).lower())]
        self._named = _named(person.ids)
        self._plain = _plain(one for one in person.ids if len(one) >= PLAIN_ID_CHARACTERS)

    def owns(self, line: bytes) -> bool:
        """Whether a line is the person's: an envelope, a bad row, a spilled item, or what Firehose gave up on."""
        if not self._may_own(line):
            return False
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError:
            return self.in_text(line.decode("utf-8", "replace"))
        return self._owns(value)

    def in_text(self, text: str) -> bool:
        """Whether a text that is no JSON (a hit that was refused) names the person."""
        readings = {text, unquote_plus(text)}
        if any(self._names(reading) for reading in readings):
            return True
        return any(self._names(decoded) for reading in readings for decoded in _decoded(reading))

    def addresses(self, text: str) -> bool:
        """Whether a line of a list of people has one of the person's addresses or ids as one of its columns."""
        columns = {column.strip().strip('"').strip() for column in text.split(",")}
        return not columns.isdisjoint(self._person.ids) or not {one.lower() for one in columns}.isdisjoint(
            self._person.emails
        )

    def _may_own(self, line: bytes) -> bool:
        """Cheap, and never wrong where it says no: decoding each line would take ten times as long."""
        if b'"payload"' in line or b'"rawData"' in line or any(mark in line for mark in self._marks):
            return True
        if not self._email_marks:
            return False
        lowered = line.lower()
        return any(mark in lowered for mark in self._email_marks)

    def _owns(self, value: object) -> bool:
        if not isinstance(value, dict):
            return self._mentioned(value)
        if isinstance(raw := value.get("rawData"), str):
            try:
                return self.owns(base64.b64decode(raw)) or self.in_text(
                    base64.b64decode(raw).decode("utf-8", "replace")
                )
            except binascii.Error:
                return self.in_text(raw)
        if isinstance(data := value.get("data"), str) and "target" in value:
            return self.owns(data.encode())
        if isinstance(payload := value.get("payload"), str) and "reason" in value and self.in_text(payload):
            return True
        return self._mentioned(value)

    def _mentioned(self, value: object) -> bool:
        users = clients = False
        for key, text in texts(value):
            if key in KEYS and text.strip() in self._person.ids:
                users = users or text.strip() in self._person.user_ids
                clients = clients or text.strip() in self._person.client_ids
            if self._person.emails and self._has_email(text):
                return True
        return users or (clients and (self._person.whole_clients or user_of(value) in {None, *self._person.user_ids}))

    def _has_email(self, text: str) -> bool:
        if "@" not in text and "%40" not in text:
            return False
        readings = (text.lower(), unquote_plus(text).lower())
        return any(email in reading for email in self._person.emails for reading in readings)

    def _names(self, text: str) -> bool:
        if self._person.emails and self._has_email(text):
            return True
        return any(pattern is not None and pattern.search(text) for pattern in (self._named, self._plain))


def written(text: str) -> set[str]:
    """What may stand in JSON for a text: as it is, as the collector writes it, or with all beyond ASCII escaped."""
    return {orjson.dumps(text).decode()[1:-1], encode_json(text).decode()[1:-1], json.dumps(text)[1:-1]}


def user_of(value: object) -> str | None:
    """The user whom an envelope names, or a mended hit on its way back; None where it names nobody, or is neither."""
    if not isinstance(value, dict):
        return None
    for part, names in (("context", ("user_id",)), ("hit", ("uid", "userId"))):
        said = value.get(part)
        found = (
            [said[name].strip() for name in names if isinstance(said.get(name), str)] if isinstance(said, dict) else []
        )
        if any(found):
            return next(filter(None, found))
    return None


def texts(value: object) -> Iterator[tuple[str, str]]:
    """Every text in a JSON value, under the nearest name."""
    waiting: list[tuple[str, object]] = [("", value)]
    while waiting:
        name, one = waiting.pop()
        if isinstance(one, str):
            yield name, one
        elif isinstance(one, int | float) and not isinstance(one, bool):
            yield name, str(one)
        elif isinstance(one, dict):
            waiting += one.items()
        elif isinstance(one, list):
            waiting += [(name, item) for item in one]


def _decoded(text: str) -> Iterator[str]:
    for found in _BASE64.finditer(text):
        plain = found[1].replace("-", "+").replace("_", "/").replace("%3D", "").rstrip("=")
        try:
            yield base64.b64decode(plain + "=" * (-len(plain) % 4)).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            continue


def _named(ids: Iterable[str]) -> re.Pattern[str] | None:
    """One of the ids behind a name that says that it is one: `uid=ada`, `"userId": "ada"`."""
    choices = "|".join(map(re.escape, sorted(ids)))
    names = "|".join(sorted(KEYS))
    end = r"""(?=$|[&\s,}\]"'\\])"""
    return re.compile(rf"""\b(?:{names})\\?["']?\s*[=:]\s*\\?["']?(?:{choices}){end}""") if choices else None


def _plain(ids: Iterable[str]) -> re.Pattern[str] | None:
    choices = "|".join(map(re.escape, sorted(ids)))
    return re.compile(rf"(?<![\w.-])(?:{choices})(?![\w-])") if choices else None
