"""JSON objects in a bucket that are only written where nobody else has written them meanwhile."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from headrace.hops.cloud import CONNECTIONS

# Somebody else's write is under way; S3 asks to try again, and then knows which of the two came first.
CONFLICT = "ConditionalRequestConflict"
PAUSES = (0.2, 1.0, 2.0)  # seconds, after a conflict


class Object(NamedTuple):
    """What an object holds, and S3's name for exactly that."""

    content: Any
    etag: str


class Objects:
    """The objects of one bucket, by their keys. Raises botocore's errors."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self._s3, self.bucket = s3, bucket

    def content(self, key: str) -> bytes | None:
        """None where there is none."""
        try:
            return self._s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except self._s3.exceptions.NoSuchKey:
            return None

    def read(self, key: str) -> Object | None:
        """None where there is none."""
        try:
            answer = self._s3.get_object(Bucket=self.bucket, Key=key)
        except self._s3.exceptions.NoSuchKey:
            return None
        return Object(json.loads(answer["Body"].read()), answer["ETag"])

    def read_all(self, keys: list[str]) -> list[Object | None]:
        """The same of each of them."""
        with ThreadPoolExecutor(CONNECTIONS) as readers:
            return list(readers.map(self.read, keys))

    def put(self, key: str, content: bytes) -> None:
        """Puts bytes under a key that nobody else has."""
        self._s3.put_object(Bucket=self.bucket, Key=key, Body=content)

    def write(self, key: str, content: object, before: str | None) -> str | None:
        """Writes over the object with the ETag `before`; where that is None, one that is not there yet. The new ETag;
        None where somebody else was first.

        When S3's answer is lost the SDK sends the request again, and S3 refuses it for what the first one wrote. So a
        refused write has been made all the same if its content stands there; content therefore has to be the writer's
        own, by an id in it.
        """
        condition = {"IfNoneMatch": "*"} if before is None else {"IfMatch": before}
        body = json.dumps(content).encode()
        for pause in (*PAUSES, None):
            try:
                return self._s3.put_object(Bucket=self.bucket, Key=key, Body=body, **condition)["ETag"]
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code == "PreconditionFailed":
                    break
                if code != CONFLICT or pause is None:
                    raise
                time.sleep(pause)
        found = self.read(key)
        return found.etag if found and found.content == content else None

    def erase(self, key: str) -> None:
        """Deletes an object with all of its versions."""
        for page in self._s3.get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix=key):
            for version in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
                self._s3.delete_object(Bucket=self.bucket, Key=version["Key"], VersionId=version["VersionId"])

    def keys(self, folder: str) -> list[str]:
        """The keys in a folder, in their order; not those in folders inside it."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=folder, Delimiter="/")
        return sorted(one["Key"] for page in pages for one in page.get("Contents", []))
