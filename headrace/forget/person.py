"""Who is to be forgotten, and whether a stored line is theirs. Pure: bytes in, a verdict out."""

import base64
import binascii
import hmac
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import unquote_plus

import orjson

from headrace import payloads
from headrace.forget import naming
from headrace.forget.emails import Emails, forms
from headrace.forget.naming import EMAIL_KEY, KEYS, USER_KEYS
from shared.envelope import encode_json

# In a text that nobody could read, a shorter id is only believed behind one of the names above.
PLAIN_ID_CHARACTERS = 8

# What stands under these may be written in yet another way.
PACKED = (b'"payload"', b'"rawData"', b'"target"')

# Snowplow's parameters that hold JSON in base64.
_BASE64 = re.compile(r"""\b(?:cx|ue_px)\\?["']?\s*[=:]\s*\\?["']?([\w+/%=-]+)""")


@dataclass(frozen=True, kw_only=True)
class Person:
    """user_ids: as given, and as the collector stores them. client_ids: browsers and devices that were theirs.

    emails: in lower case. others_emails: those that are known not to be theirs. whole_clients: whether also what others
    did on these clients is meant, since a client was named rather than a user.
    """

    user_ids: frozenset[str] = field(default_factory=frozenset)
    client_ids: frozenset[str] = field(default_factory=frozenset)
    emails: frozenset[str] = field(default_factory=frozenset)
    others_emails: frozenset[str] = field(default_factory=frozenset)
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
            emails=(self.emails | {email.strip().lower() for email in emails}) - self.others_emails,
        )

    def hashed(self, ids: Iterable[str], key: bytes) -> "Person":
        """The person by what a deployment with a key stores of some of their ids too. key: empty without one."""
        hashes = {hmac.new(key, one.encode(), "sha256").hexdigest() for one in ids} if key else set[str]()
        return replace(self, user_ids=self.user_ids | hashes)

    def is_called(self, user: str) -> bool:
        return user in self.user_ids or user.lower() in self.emails


class Finder:
    """Tells a person's lines from others'."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self._emails = Emails(person.emails)
        self._marks = [form.encode() for one in person.ids for form in written(one)]
        self._email_marks = [form.encode() for one in person.emails for form in forms(one)]
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
        packed = payloads.unpacked(text)
        if packed is not None and self.in_text(packed.decode("utf-8", "replace")):
            return True
        readings = {text, unquote_plus(text)}
        if self._emails.stand_in(text) or any(map(self._has_id, readings)):
            return True
        decoded = [one for reading in readings for one in _decoded(reading)]
        return any(self._emails.stand_in(one) or self._has_id(one) for one in decoded)

    def addresses(self, text: str) -> bool:
        """Whether a line of a list of people has one of the person's addresses or ids as one of its columns."""
        columns = {column.strip().strip('"').strip() for column in text.split(",")}
        return not columns.isdisjoint(self._person.ids) or not {one.lower() for one in columns}.isdisjoint(
            self._person.emails
        )

    def _may_own(self, line: bytes) -> bool:
        """Cheap, and never wrong where it says no: decoding each line would take ten times as long."""
        if any(name in line for name in PACKED) or any(mark in line for mark in self._marks):
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
        person, user = self._person, naming.user(value)
        if user is not None and person.is_called(user):
            return True
        for key, text in naming.users_and_texts(value):
            if key in USER_KEYS and text.strip() in person.user_ids:
                return True
            # On a page that another looked at, or in a search of theirs, it is theirs.
            if (key == EMAIL_KEY or user is None) and self._emails.stand_in(text):
                return True
        if user is not None and not person.whole_clients:
            return False
        return not person.ids.isdisjoint(naming.clients(value))

    def _has_id(self, text: str) -> bool:
        return any(pattern is not None and pattern.search(text) for pattern in (self._named, self._plain))


def written(text: str) -> set[str]:
    """What may stand in JSON for a text: as it is, as the collector writes it, or with all beyond ASCII escaped."""
    return {orjson.dumps(text).decode()[1:-1], encode_json(text).decode()[1:-1], json.dumps(text)[1:-1]}


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
