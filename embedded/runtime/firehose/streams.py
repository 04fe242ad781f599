"""The account's delivery streams, kept on disk and at work."""

import shutil
import threading
from pathlib import Path
from typing import Any

from embedded.runtime.firehose.definition import Definition
from embedded.runtime.firehose.delivery import DeliveryStream
from embedded.runtime.firehose.errors import ApiError, invalid, not_found
from embedded.runtime.roles import NotTrusted, Roles
from embedded.runtime.streams.sharing import SharedShards

PRINCIPAL = "firehose.amazonaws.com"


class DeliveryStreams:
    """All delivery streams, each with a folder of its own below `folder`. Those found there go on at once."""

    def __init__(self, folder: Path, region: str, account: str, shards: SharedShards) -> None:
        self.region, self.account = region, account
        self._folder, self._shards = folder, shards
        self._roles = Roles(PRINCIPAL)
        self._lock = threading.Lock()
        self._streams: dict[str, DeliveryStream] = {}
        for path in sorted(folder.glob("*/definition.json")):
            self._begin(Definition.load(path.parent))

    def get(self, name: str) -> DeliveryStream:
        """A stream by name. Raises ApiError."""
        stream = self._streams.get(name)
        if stream is None:
            raise not_found(name, self.account)
        return stream

    def by_arn(self, arn: str) -> DeliveryStream:
        """A stream by ARN. Raises ApiError."""
        return self.get(arn.rpartition("/")[2])

    def names(self) -> list[str]:
        """All names, in order."""
        return sorted(self._streams)

    def create(self, request: dict[str, Any]) -> Definition:
        """Creates a stream as CreateDeliveryStream asks. Raises ApiError."""
        definition = Definition.requested(request, self.region, self.account)
        self._check_roles(definition)
        with self._lock:
            if definition.name in self._streams:
                raise ApiError(
                    "ResourceInUseException",
                    f"Firehose {definition.name} under accountId {self.account} already exists",
                )
            definition.save(self._folder / definition.name)
            self._begin(definition)
        return definition

    def update(self, request: dict[str, Any]) -> None:
        """Changes a stream's destination as UpdateDestination asks. Raises ApiError."""
        with self._lock:
            stream = self.get(request["DeliveryStreamName"])
            definition = stream.definition.updated_by(request)
            self._check_roles(definition)
            self._change(stream, definition)

    def change(self, stream: DeliveryStream, definition: Definition) -> None:
        """Replaces a stream's definition (its tags, its encryption)."""
        with self._lock:
            self._change(stream, definition)

    def delete(self, name: str) -> None:
        """Ends a stream after one attempt to deliver what it still holds, and forgets it. Raises ApiError."""
        with self._lock:
            stream = self.get(name)
            del self._streams[name]
        stream.stop(last_delivery=True)
        shutil.rmtree(self._folder / name)

    def stop(self) -> None:
        """Ends all streams; what they hold stays on disk."""
        for stream in self._streams.values():
            stream.stop()

    def status(self) -> list[dict[str, Any]]:
        """Figures of each stream for `make status`."""
        return [self._streams[name].status() for name in self.names()]

    def _begin(self, definition: Definition) -> None:
        stream = DeliveryStream(definition, self._folder / definition.name, self._roles, self._shards)
        self._streams[definition.name] = stream
        stream.start()

    def _change(self, stream: DeliveryStream, definition: Definition) -> None:
        definition.save(self._folder / definition.name)
        stream.change(definition)

    def _check_roles(self, definition: Definition) -> None:
        """As Firehose does when a stream is made: its roles must let it assume them."""
        roles = {definition.destination.role} | ({definition.source["role"]} if definition.source else set())
        for role in roles:
            self._roles.forget(role)
            try:
                self._roles.client("sts", role, definition.arn)
            except NotTrusted as error:
                raise invalid(
                    f"Firehose is unable to assume role {role}. Please check the role provided. ({error})"
                ) from error
