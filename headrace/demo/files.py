"""The reference's members and conversions, dropped into the bucket for the loyalty promotions to load."""

import json
import time
from pathlib import Path
from typing import Any

from headrace.console import Problem, console

SAMPLES = Path(__file__).parent / "samples"
NAMES = ("members.csv", "conversions.txt")  # who is to be a member must be one before they click

POLL_SECONDS = 0.1
PATIENCE_SECONDS = 30.0


def drop_files(s3: Any, bucket: str) -> None:
    """Drops each and waits until it is loaded; dropped again, they mean nothing new.

    Raises Problem where one is not loaded in time, and botocore's errors.
    """
    for name in NAMES:
        folder = name.partition(".")[0]
        key, note = f"loyalty/{folder}/{name}", f"loyalty/results/{folder}/{name}.json"
        version = s3.put_object(Bucket=bucket, Key=key, Body=(SAMPLES / name).read_bytes())["VersionId"]
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not _loaded(s3, bucket, note, version):
            if time.monotonic() > deadline:
                raise Problem(f"{key} was not loaded within {PATIENCE_SECONDS:.0f} s", "see `make logs`")
            time.sleep(POLL_SECONDS)
        console.print(f"dropped {name} under loyalty/ in the bucket: loaded")


def _loaded(s3: Any, bucket: str, note: str, version: str) -> bool:
    """Whether the note says that this version of the file was read to its end; it may be of one dropped earlier."""
    try:
        said = json.loads(s3.get_object(Bucket=bucket, Key=note)["Body"].read())
        return said["version"] == version and said["state"] != "reading"
    except s3.exceptions.NoSuchKey:
        return False
