"""Which objects a replay takes, how many at once, and which of those that are gone were to be."""

from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from headrace.console import Problem
from headrace.replay.objects import Object, batches, expired

NOW = datetime(2026, 6, 15)
OLD, NEW = "raw/2026/01/01/00/s-1-2026-01-01-00-00-00-a.gz", "raw/2026/06/14/00/s-1-2026-06-14-00-00-00-b.gz"


class Bucket:
    """Answers what S3 says about a bucket's lifecycle."""

    def __init__(self, *rules: dict[str, Any], error: str | None = None) -> None:
        self.rules, self.error = rules, error

    def get_bucket_lifecycle_configuration(self, **_bucket: str) -> dict[str, Any]:
        if self.error:
            raise ClientError({"Error": {"Code": self.error}}, "GetBucketLifecycleConfiguration")
        return {"Rules": list(self.rules)}


def rule(prefix: str, days: int | None, status: str = "Enabled") -> dict[str, Any]:
    found: dict[str, Any] = {"Filter": {"Prefix": prefix}, "Status": status}
    return found if days is None else {**found, "Expiration": {"Days": days}}


def test_batches_are_bounded_by_number_and_by_bytes_and_a_large_object_is_alone():
    objects = [Object(str(number), "", size) for number, size in enumerate([3, 3, 3, 50, 1, 1, 1, 1])]
    assert [[one.size for one in batch] for batch in batches(objects, 3, 7)] == [[3, 3], [3], [50], [1, 1, 1], [1]]
    assert list(batches([], 3, 7)) == []


def test_what_s3_removed_itself_is_told_from_what_somebody_removed():
    assert expired(Bucket(rule("bad/", 1), rule("raw/", 90)), "b", [OLD, NEW], NOW) == {OLD}
    assert expired(Bucket(rule("", 90)), "b", [OLD, NEW], NOW) == {OLD}


@pytest.mark.parametrize(
    "bucket",
    [
        Bucket(rule("bad/", 1), rule("raw/", None)),
        Bucket(rule("raw/", 90, "Disabled")),
        Bucket(error="NoSuchLifecycleConfiguration"),
    ],
)
def test_a_bucket_that_keeps_events_for_ever_lost_them_otherwise(bucket):
    assert expired(bucket, "b", [OLD, NEW], NOW) == set()


def test_a_bucket_that_does_not_say_is_not_guessed_about_and_not_asked_without_need():
    assert expired(Bucket(error="AccessDenied"), "b", [], NOW) == set()
    with pytest.raises(Problem, match=r"S3 lacks 2 objects .* s3:GetLifecycleConfiguration"):
        expired(Bucket(error="AccessDenied"), "b", [OLD, NEW], NOW)
