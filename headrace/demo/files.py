"""The reference's members and conversions, dropped into the bucket for the loyalty promotions to load."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).parent / "samples"
MEMBERS, CONVERSIONS = "members.csv", "conversions.txt"


def drop(s3: Any, bucket: str, name: str) -> None:
    """Drops one of the two; dropped again, it means nothing new. Raises botocore's errors."""
    s3.put_object(Bucket=bucket, Key=f"loyalty/{_folder(name)}/{name}", Body=(SAMPLES / name).read_bytes())


def loaded(s3: Any, bucket: str, name: str) -> bool:
    """Whether the note says that the file was read to its end."""
    try:
        note = s3.get_object(Bucket=bucket, Key=f"loyalty/results/{_folder(name)}/{name}.json")["Body"].read()
    except s3.exceptions.NoSuchKey:
        return False
    return json.loads(note)["state"] != "reading"


def conversions() -> Mapping[str, int]:
    """The lines of the conversions' file, by conversion."""
    lines = (SAMPLES / CONVERSIONS).read_text().splitlines()
    return Counter(line.split(",")[1].strip() for line in lines)


def _folder(name: str) -> str:
    return name.partition(".")[0]
