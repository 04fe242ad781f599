"""The person's lines in the bucket: found in every version of every object, and taken out where they stand.

An object is written anew without them, as a whole, on the condition that it is still the one that was read; then the
version that held them is deleted. Whatever ends the process in between, the next run finds what is left. What is taken
out is noted for the ledger first, by hours, and counted in the object's metadata, so that the hops can still be held
against each other. The metadata also names the versions that the object stands for, so that the loader of dropped files
knows whether it has loaded one.
"""

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from io import BufferedReader
from typing import Any, TypeVar

import orjson
from botocore.exceptions import ClientError

from headrace.forget import naming
from headrace.forget.lines import READ_BYTES, lines_of, text, without
from headrace.forget.person import Finder, Person
from headrace.hops.objects import FORGOTTEN
from headrace.ledger.forgetting import Taken, kind_of, notes_of
from loyalty.files import REPLACES

Answer = TypeVar("Answer")

READERS = 8
IN_MEMORY_BYTES = 4 * 1024 * 1024  # of an object that is written anew; larger ones go to a file meanwhile
GONE = frozenset({"NoSuchKey", "NoSuchVersion", "404", "MethodNotAllowed"})  # deleted since it was listed
OVERTAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict", *GONE})
MOST_REPLACED = 20  # versions named in the metadata, which holds 2 KB: more than are written while one waits to be read
KEPT_HEADERS = ("ContentType", "ContentEncoding", "CacheControl", "ContentDisposition", "ContentLanguage")


@dataclass(frozen=True, kw_only=True)
class Prefix:
    """keeps_places: whether a line's number means something, so that an empty line stays where one was taken out.

    people: whether the lines are lists of people, in columns.
    """

    name: str
    keeps_places: bool = False
    people: bool = False


PREFIXES = (
    # LOG_ID is made of an object's name and a line's number.
    Prefix(name="raw/", keeps_places=True),
    Prefix(name="bad/"),
    Prefix(name="spill/"),
    Prefix(name="errors/"),
    # How far a run is counts its lines.
    Prefix(name="recovered/hits/", keeps_places=True),
    # A conversion is known by its place in its file.
    Prefix(name="loyalty/members/", keeps_places=True, people=True),
    Prefix(name="loyalty/conversions/", keeps_places=True, people=True),
)


@dataclass(frozen=True)
class Version:
    """One version of an object. current: the one that a reader gets who names none. size: bytes."""

    key: str
    id: str
    current: bool
    size: int


@dataclass
class Found:
    """lines, objects: of current versions. old: superseded versions that hold lines of the person."""

    lines: int = 0
    objects: int = 0
    old: int = 0
    versions: list[Version] = field(default_factory=list)


class Lake:
    """A stack's bucket."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self._s3, self._bucket = s3, bucket

    def acquaint(self, person: Person, read: Callable[[int], None]) -> Person:
        """The person with the clients and addresses that their events tell of. read: told each object's bytes."""
        finder = Finder(person)

        def one(version: Version) -> tuple[set[str], set[str]]:
            clients, emails = set[str](), set[str]()
            for line in self._lines(version):
                if finder.owns(line):
                    learn(line, person, clients, emails)
            return clients, emails

        for version, (clients, emails) in self._each("raw/", one):
            person = person.known_by(clients, emails)
            read(version.size)
        return person

    def find(self, prefix: Prefix, finder: Finder, read: Callable[[int], None]) -> Found:
        """The person's lines under a prefix, in all versions."""

        def one(version: Version) -> int:
            return sum(map(rule(prefix, finder), self._lines(version)))

        found = Found()
        for version, lines in self._each(prefix.name, one):
            read(version.size)
            if not lines:
                continue
            found.versions.append(version)
            if version.current:
                found.objects += 1
                found.lines += lines
            else:
                found.old += 1
        return found

    def clean(self, prefix: Prefix, finder: Finder, found: Found, done: Callable[[int], None]) -> None:
        """Takes the lines out. An object that somebody else has changed meanwhile is left for the next look."""

        def one(version: Version) -> None:
            if not version.current or self._rewritten(version, prefix, finder):
                self._delete(version)
            done(version.size)

        with ThreadPoolExecutor(READERS) as workers:
            list(workers.map(one, found.versions))

    def size(self, prefixes: tuple[Prefix, ...] = PREFIXES) -> int:
        """The size of everything that `find` reads."""
        return sum(version.size for prefix in prefixes for version in self._versions(prefix.name))

    def _each(self, prefix: str, look: Callable[[Version], Answer]) -> Iterator[tuple[Version, Answer]]:
        """Every version, and what was seen in it; a few at a time, so that a listing of millions is never in memory."""
        with ThreadPoolExecutor(READERS) as readers:
            batch: list[Version] = []
            for version in self._versions(prefix):
                batch.append(version)
                if len(batch) == READERS * 8:
                    yield from zip(batch, readers.map(look, batch), strict=True)
                    batch = []
            yield from zip(batch, readers.map(look, batch), strict=True)

    def _versions(self, prefix: str) -> Iterator[Version]:
        pages = self._s3.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=prefix)
        for page in pages:
            for one in page.get("Versions", []):
                yield Version(one["Key"], one["VersionId"], one["IsLatest"], one["Size"])

    def _open(self, version: Version) -> dict[str, Any] | None:
        """None where it was deleted since it was listed."""
        try:
            return self._s3.get_object(Bucket=self._bucket, Key=version.key, VersionId=version.id)
        except ClientError as error:
            if error.response["Error"]["Code"] in GONE:
                return None
            raise

    def _lines(self, version: Version) -> Iterator[bytes]:
        answer = self._open(version)
        if answer is not None:
            body = answer["Body"]
            with body:
                yield from lines_of(BufferedReader(body, READ_BYTES))

    def _rewritten(self, version: Version, prefix: Prefix, finder: Finder) -> bool:
        """Puts the object without the lines; False where it is not the same any more."""
        answer = self._open(version)
        if answer is None:
            return False
        body = answer["Body"]
        with tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES) as file, body:
            taken = Taken()
            owns = _counting(rule(prefix, finder), taken)
            lines = without(BufferedReader(body, READ_BYTES), file, owns, keeps_places=prefix.keeps_places)
            file.seek(0)
            before = int(answer["Metadata"].get(FORGOTTEN, 0))
            itself = version.id if version.id != "null" else answer["ETag"].strip('"')
            for name, note in notes_of(version.key, itself, taken):
                self._s3.put_object(Bucket=self._bucket, Key=name, Body=note)
            replaced = [*answer["Metadata"].get(REPLACES, "").split(), itself]
            try:
                self._s3.put_object(
                    Bucket=self._bucket,
                    Key=version.key,
                    Body=file,
                    IfMatch=answer["ETag"],
                    Metadata={
                        **answer["Metadata"],
                        FORGOTTEN: str(before + lines),
                        REPLACES: " ".join(replaced[-MOST_REPLACED:]),
                    },
                    **{name: answer[name] for name in KEPT_HEADERS if name in answer},
                )
            except ClientError as error:
                if error.response["Error"]["Code"] in OVERTAKEN:
                    return False
                raise
        return True

    def _delete(self, version: Version) -> None:
        # A bucket without versions has replaced the object already.
        if version.id != "null":
            self._s3.delete_object(Bucket=self._bucket, Key=version.key, VersionId=version.id)


def learn(line: bytes, person: Person, clients: set[str], emails: set[str]) -> None:
    """Adds what one of the person's envelopes says of them besides."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return
    user = naming.user(value)
    if user is None or not person.is_called(user):
        return
    clients.update(naming.clients(value))
    emails.update(said for key, said in naming.users_and_texts(value) if key == naming.EMAIL_KEY and "@" in said)


def rule(prefix: Prefix, finder: Finder) -> Callable[[bytes], bool]:
    """What tells a prefix's lines apart."""
    if not prefix.people:
        return finder.owns
    return lambda line: finder.addresses(text(line))


def _counting(owns: Callable[[bytes], bool], taken: Taken) -> Callable[[bytes], bool]:
    """The same rule, which counts what it finds."""

    def counted(line: bytes) -> bool:
        found = owns(line)
        if found and (kind := kind_of(line)):
            taken[kind] += 1
        return found

    return counted
