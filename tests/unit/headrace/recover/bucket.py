"""As much of S3 as recovering needs: objects with conditions, whose answers can be lost on their way."""

import io
from typing import Any

from botocore.exceptions import ClientError


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}}, "PutObject")


class Bucket:
    """lost: how the keys begin whose next write is stored without its answer coming through. The SDK sends it again.
    busy: how the keys begin whose next write meets a conflict."""

    class exceptions:
        class NoSuchKey(Exception): ...

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, str]] = {}
        self.lost: set[str] = set()
        self.busy: set[str] = set()
        self._writes = 0

    def put_object(self, *, Key: str, Body: bytes, IfNoneMatch: str = "", IfMatch: str = "", **_: str) -> Any:
        if self._once(self.busy, Key):
            raise refused("ConditionalRequestConflict")
        if self._once(self.lost, Key):
            self._put(Key, Body, IfNoneMatch, IfMatch)
        return self._put(Key, Body, IfNoneMatch, IfMatch)

    def _put(self, key: str, body: bytes, none: str, match: str) -> dict[str, str]:
        stored = self.objects.get(key)
        if (none and stored) or (match and (stored is None or stored[1] != match)):
            raise refused("PreconditionFailed")
        self._writes += 1
        self.objects[key] = (body, str(self._writes))
        return {"ETag": str(self._writes)}

    @staticmethod
    def _once(beginnings: set[str], key: str) -> bool:
        found = {beginning for beginning in beginnings if key.startswith(beginning)}
        beginnings -= found
        return bool(found)

    def get_object(self, *, Key: str, **_: str) -> dict[str, Any]:
        if Key not in self.objects:
            raise self.exceptions.NoSuchKey
        body, etag = self.objects[Key]
        return {"Body": io.BytesIO(body), "ETag": etag}

    def delete_object(self, *, Key: str, **_: str) -> None:
        self.objects.pop(Key, None)

    def get_paginator(self, _: str) -> "Bucket":
        return self

    def paginate(self, *, Prefix: str, Delimiter: str = "", **_: str) -> list[dict[str, Any]]:
        keys = sorted(key for key in self.objects if key.startswith(Prefix))
        here = [key for key in keys if not (Delimiter and Delimiter in key[len(Prefix) :])]
        listed = [{"Key": key, "Size": len(self.objects[key][0]), "ETag": self.objects[key][1]} for key in here]
        return [{"Contents": listed, "Versions": [{"Key": key, "VersionId": "1"} for key in here]}]
