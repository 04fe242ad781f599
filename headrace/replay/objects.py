"""The objects of a period in the stack's bucket."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from headrace.console import Problem
from headrace.hops.cloud import CONNECTIONS
from headrace.replay.period import PREFIX, Period, delivered_at


@dataclass(frozen=True)
class Object:
    """An object in S3. size: bytes, compressed."""

    name: str
    etag: str
    size: int


def listed(s3: Any, bucket: str, period: Period) -> list[Object]:
    """The period's objects, in the order of their names, which is that of time."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PREFIX, StartAfter=period.first_name)
    found: list[Object] = []
    for page in pages:
        for one in page.get("Contents", []):
            if one["Key"] >= period.last_name:
                return found
            if period.holds(one["Key"]) and not one["Key"].endswith("/"):
                found.append(Object(one["Key"], one["ETag"].strip('"'), one["Size"]))
    return found


def batches(objects: Iterable[Object], most: int, most_bytes: int) -> Iterator[list[Object]]:
    """The objects in their order, at most so many and so many bytes at once; a larger one is alone."""
    batch: list[Object] = []
    size = 0
    for one in objects:
        if batch and (len(batch) == most or size + one.size > most_bytes):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += one.size
    if batch:
        yield batch


def read(s3: Any, bucket: str, objects: Sequence[Object]) -> list[bytes | str]:
    """Their bytes in the order given; a text in their place says why one can not be read."""

    def one(wanted: Object) -> bytes | str:
        try:
            return s3.get_object(Bucket=bucket, Key=wanted.name, IfMatch=wanted.etag)["Body"].read()
        except ClientError as error:
            return f"S3 does not give it: {error.response['Error'].get('Message') or error}"

    with ThreadPoolExecutor(CONNECTIONS) as readers:
        return list(readers.map(one, objects))


def expired(s3: Any, bucket: str, names: Sequence[str], now: datetime) -> set[str]:
    """Those of the names that S3 removed itself, because the bucket keeps events for some days only.

    Raises Problem where the bucket does not say for how long. now: UTC, without a zone.
    """
    if not names:
        return set()
    try:
        rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchLifecycleConfiguration":
            return set()
        raise Problem(
            f"S3 lacks {len(names):,} objects that RAW has rows of, and does not tell for how long it keeps them",
            "use credentials that have s3:GetLifecycleConfiguration on the bucket",
        ) from error
    days = [
        rule["Expiration"]["Days"]
        for rule in rules
        if rule["Status"] == "Enabled"
        and PREFIX.startswith(rule.get("Filter", {}).get("Prefix", rule.get("Prefix", "")))
        and "Days" in rule.get("Expiration", {})
    ]
    if not days:
        return set()
    limit = now - timedelta(days=min(days))
    return {name for name in names if (moment := delivered_at(name)) is not None and moment < limit}
