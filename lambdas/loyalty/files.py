"""Dropped files: which object it is, how far it was read, and the note of what was taken that a person finds."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

import orjson

from loyalty.lines import Encoding
from shared.envelope import encode_json

MEMBERS = "loyalty/members/"
CONVERSIONS = "loyalty/conversions/"
RESULTS = "loyalty/results/"
ROOT = "loyalty/"

MAX_EXAMPLES = 20

# In the metadata of a file that `headrace forget` has written anew, without a person's lines: the versions it stands
# for, with spaces between. Where one of them was loaded, nothing in it is new.
REPLACES = "headrace-replaces"


class Dropped(NamedTuple):
    """An object as its notification tells of it. version: "" where the bucket keeps none. at: epoch ms."""

    bucket: str
    key: str
    version: str
    etag: str
    size: int
    at: int

    @property
    def identity(self) -> str:
        """The same however often it is told of; each drop has its own, unless the bucket keeps no versions: then each
        content has."""
        return self.identity_of(self.version or self.etag)

    def identity_of(self, version: str) -> str:
        """That of another version of this object."""
        return f"{self.key}#{version}"

    @property
    def result_key(self) -> str:
        return f"{RESULTS}{self.key.removeprefix(ROOT)}.json"


class Problem(NamedTuple):
    """A line that could not be used."""

    line: int
    reason: str
    message: str


class Progress(NamedTuple):
    """offset, line: where to go on. columns: of a members' list, once known.

    loaded: lines that meant something new. duplicates: those that did not. blank: empty ones, and a header. refused: by
    reason. problems: the first of those refused. paused: whether the last function stopped between two chunks.
    problem: why nothing more is read, as a reason. finished_at: epoch ms.
    """

    offset: int = 0
    line: int = 1
    encoding: Encoding = Encoding.UTF_8
    columns: tuple[str, ...] | None = None
    loaded: int = 0
    duplicates: int = 0
    blank: int = 0
    refused: Mapping[str, int] = {}
    problems: tuple[Problem, ...] = ()
    paused: bool = True
    finished_at: int | None = None
    problem: str | None = None

    def refusing(self, problems: Sequence[Problem]) -> "Progress":
        refused = dict(self.refused)
        for problem in problems:
            refused[problem.reason] = refused.get(problem.reason, 0) + 1
        return self._replace(refused=refused, problems=(*self.problems, *problems)[:MAX_EXAMPLES])


def dropped(notification: Mapping[str, Any]) -> Dropped | None:
    """The file in one record of a notification; None for what is no file of ours, like a folder that a console made.

    Raises KeyError, TypeError or ValueError on what S3 does not write.
    """
    s3 = notification["s3"]
    key = unquote_plus(s3["object"]["key"])
    if not key.startswith((MEMBERS, CONVERSIONS)) or key.endswith("/"):
        return None
    return Dropped(
        bucket=s3["bucket"]["name"],
        key=key,
        version=s3["object"].get("versionId", ""),
        etag=s3["object"]["eTag"],
        size=s3["object"]["size"],
        at=round(datetime.fromisoformat(notification["eventTime"]).timestamp() * 1000),
    )


def read(attributes: Mapping[str, Any]) -> Progress:
    """The progress in an item's attributes."""
    if "progress" not in attributes:
        return Progress()
    said = orjson.loads(attributes["progress"])
    return Progress(
        **{
            **said,
            "encoding": Encoding(said["encoding"]),
            "columns": None if said["columns"] is None else tuple(said["columns"]),
            "problems": tuple(Problem(*problem) for problem in said["problems"]),
        }
    )


def write(progress: Progress) -> dict[str, Any]:
    """An item's attributes; the key is not among them."""
    problems = [list(problem) for problem in progress.problems]
    return {"progress": encode_json({**progress._asdict(), "problems": problems}).decode()}


def note(file: Dropped, progress: Progress) -> bytes:
    """What a person reads of a file. state: `loaded`, `reading`, or `refused` where nothing of it can be used."""
    finished = progress.finished_at
    return orjson.dumps(
        {
            "file": file.key,
            "version": file.version or None,
            "bytes": file.size,
            "state": "reading" if finished is None else "refused" if progress.problem else "loaded",
            "problem": progress.problem,
            "lines": progress.loaded + progress.duplicates + sum(progress.refused.values()) + progress.blank,
            "loaded": progress.loaded,
            "duplicates": progress.duplicates,
            "blank": progress.blank,
            "refused": sum(progress.refused.values()),
            "refused_by_reason": progress.refused,
            "first_refused": [problem._asdict() for problem in progress.problems],
            "dropped_at": _instant(file.at),
            "finished_at": None if finished is None else _instant(finished),
        },
        option=orjson.OPT_INDENT_2,
    )


def _instant(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")
