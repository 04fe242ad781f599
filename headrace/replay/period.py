"""The period of a replay, and when an object was delivered: it stands in the name Firehose gave it.

`raw/YYYY/MM/DD/HH/<stream>-<version>-YYYY-MM-DD-HH-MM-SS-<random>`, in UTC
(<https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html>).
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from headrace.console import Problem

PREFIX = "raw/"
NAME = re.compile(r".*-\d+-(\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)-[^/]*$")
FOLDER = re.compile(rf"{PREFIX}(\d{{4}}/\d\d/\d\d/\d\d)/")
# An object's folder is of the hour its oldest record arrived; Firehose tries to deliver it for a day.
LATEST_DELIVERY = timedelta(days=1)
EXAMPLES = "give a date or a time in UTC, such as 2026-01-31 or 2026-01-31T18:30"


@dataclass(frozen=True)
class Period:
    """From `begin` up to, and not with, `end`: UTC, without a zone."""

    begin: datetime
    end: datetime

    def __str__(self) -> str:
        return f"{_brief(self.begin)} to {_brief(self.end)} UTC"

    def holds(self, name: str) -> bool:
        """Whether an object was delivered in the period. One whose name tells no time belongs to none."""
        moment = delivered_at(name)
        return moment is not None and self.begin <= moment < self.end

    @property
    def first_name(self) -> str:
        """No object of the period has a name before this one."""
        earliest = max(self.begin, datetime.min + LATEST_DELIVERY) - LATEST_DELIVERY
        return f"{PREFIX}{_folder(earliest)}/"

    @property
    def last_name(self) -> str:
        """All objects of the period have names before this one."""
        return f"{PREFIX}{_folder(self.end)}0"  # the character after the slash


def period(begin: str, end: str | None, now: datetime) -> Period:
    """Reads a period. end: None for now. Raises Problem where it makes none."""
    first = moment(begin, "FROM")
    now = now.astimezone(UTC).replace(tzinfo=None)
    last = moment(end, "TO") if end else now
    if first >= last and not end:
        raise Problem(f"FROM ({_brief(first)} UTC) lies in the future", "give a time that has been: it is meant in UTC")
    if first >= last:
        raise Problem(
            f"the period is empty: FROM ({_brief(first)}) is not before TO ({_brief(last)})",
            f"TO itself is left out: for one day, give the day after as TO ({_next_day(first)})",
        )
    return Period(first, last)


def moment(text: str, name: str) -> datetime:
    """A date or time as ISO 8601 writes it; one without a zone is UTC, and so is the answer. Raises Problem."""
    text = text.strip()
    if not text:
        raise Problem(f"{name} is not given", EXAMPLES)
    try:
        found = datetime.fromisoformat(text)
        return (found.astimezone(UTC) if found.tzinfo else found).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise Problem(f"{name} is no date or time: '{text}' ({str(error).rstrip('.')})", EXAMPLES) from None


def delivered_at(name: str) -> datetime | None:
    """When Firehose delivered an object, UTC: to the second by its name, else the hour of its folder, else None."""
    for pattern, form in ((NAME, "%Y-%m-%d-%H-%M-%S"), (FOLDER, "%Y/%m/%d/%H")):
        found = pattern.match(name)
        if found:
            try:
                return datetime.strptime(found[1], form)
            except ValueError:
                continue
    return None


def _folder(time: datetime) -> str:
    return f"{time.year:04d}/{time:%m/%d/%H}"  # strftime writes years before 1000 with fewer digits


def _brief(time: datetime) -> str:
    return time.isoformat(sep=" ", timespec="minutes" if time.second == 0 else "seconds")


def _next_day(time: datetime) -> date:
    return time.date() + timedelta(days=1) if time.date() < date.max else time.date()
