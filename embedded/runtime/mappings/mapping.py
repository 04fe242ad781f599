"""One mapping at work: finds the source's shards and reads each, parents before their children."""

import logging
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from embedded.runtime.functions.functions import Functions
from embedded.runtime.mappings import discards
from embedded.runtime.mappings.checkpoints import Checkpoints
from embedded.runtime.mappings.definition import AT_TIMESTAMP, LATEST, Mapping
from embedded.runtime.mappings.invoking import invoke
from embedded.runtime.mappings.lane import Hands, Lane, Tally
from embedded.runtime.mappings.records import KINESIS, TABLE
from embedded.runtime.mappings.retrying import GivenUp, pause
from embedded.runtime.mappings.shard import ShardReader
from embedded.runtime.roles import NotTrusted, Roles
from embedded.runtime.streams.sharing import Reader, SharedShards
from embedded.runtime.streams.sources import beginnings, source

LIST_SECONDS = 20.0  # how soon a new shard is seen
SETTLE_SECONDS = 0.2  # how soon the end of a shard is

log = logging.getLogger(__name__)


class MappingAtWork(threading.Thread):
    """Reads the source of `mapping` into its function, until it is stopped. folder: for how far it is."""

    def __init__(
        self, mapping: Mapping, folder: Path, roles: Roles, functions: Functions, shards: SharedShards
    ) -> None:
        super().__init__(name=f"mapping {mapping.name}", daemon=True)
        self.mapping = mapping
        self._roles, self._functions, self._shards = roles, functions, shards
        self._source = source(mapping.source)
        self._shape = TABLE if mapping.of_table else KINESIS
        self._checkpoints = Checkpoints(folder / f"{mapping.uuid}.json")
        self._tally = Tally()
        self._role: str | None = None
        self._readers: dict[str, ShardReader] = {}
        self._ended = threading.Event()

    def run(self) -> None:
        """Follows the source's shards until stopped."""
        failures, listed = 0, float("-inf")
        while not self._ended.is_set():
            finished = [shard for shard, reader in self._readers.items() if reader.finished]
            for shard in finished:
                self._end(shard)
            try:
                if finished or time.monotonic() - listed > LIST_SECONDS:
                    self._follow()
                    listed = time.monotonic()
                if failures:
                    failures, self._tally.error = 0, None
                self._ended.wait(SETTLE_SECONDS if any(each.closed for each in self._readers.values()) else 1.0)
            except (ClientError, BotoCoreError, NotTrusted) as error:
                self._denied()
                self._tally.error = str(error)
                log.warning("%s can not read %s: %s", self.mapping.name, self.mapping.source, error)
                self._ended.wait(pause(failures))
                failures += 1

    def stop(self) -> None:
        """Ends; returns when the invocations under way are over."""
        self._ended.set()
        if self.ident is not None:
            self.join()
        for shard in list(self._readers):
            self._end(shard)

    def forget(self) -> None:
        """Removes what is known of it on disk."""
        self._checkpoints.remove()

    def status(self) -> dict[str, Any]:
        """Figures for `make status`."""
        tally = self._tally
        return {
            "name": self.mapping.name,
            "source": self.mapping.source_name,
            "behind_seconds": round(max((each.behind_seconds for each in list(self._readers.values())), default=0), 1),
            "records": tally.records,
            "invocations": tally.invocations,
            "failed_invocations": tally.failed_invocations,
            "given_up": tally.given_up,
            "error": tally.error,
        }

    def _follow(self) -> None:
        """Lists the shards and begins those whose time has come."""
        shards = self._source.shards(self._client())
        there = {each.id for each in shards}
        since = self._since() if self._checkpoints.first_time else None
        for shard in set(self._readers) - there:
            self._end(shard)
        ended = {each.id for each in shards if self._checkpoints.ended(each.id)}
        for shard in beginnings(shards, ended):
            if shard.id in self._readers:
                self._readers[shard.id].closed = shard.closed
            elif shard.id not in ended:
                self._begin(shard.id, since)

    def _since(self) -> float | None:
        """From when on records count, for the shards that are there at first; later ones are read whole."""
        if self.mapping.position == LATEST:
            return self._checkpoints.began
        return self.mapping.since if self.mapping.position == AT_TIMESTAMP else None

    def _begin(self, shard: str, since: float | None) -> None:
        log.info("%s reads %s of %s", self.mapping.name, shard, self.mapping.source_name)
        self._checkpoints.begin(shard, since)
        hands = Hands(
            invoke=partial(invoke, self._functions, self.mapping),
            discard=partial(self._discard, shard),
            done=lambda records: self._readers[shard].done(records),
        )
        name = f"{self.mapping.name}, {self.mapping.source_name} {shard}"
        reader = self._readers[shard] = ShardReader(
            shard,
            self._shards.shard(self._source, shard),
            Reader(self._client, self._credentials),
            record=self._shape.record,
            end=lambda: self._shape.end(self.mapping.source, self._function_role()),
            denied=self._denied,
            lanes=[Lane(name, self.mapping, hands, self._tally) for _ in range(self.mapping.parallelization)],
            patterns=self.mapping.patterns,
            checkpoints=self._checkpoints,
            tally=self._tally,
        )
        reader.start()

    def _end(self, shard: str) -> None:
        self._readers[shard].stop()
        del self._readers[shard]

    def _client(self) -> Any:
        return self._roles.client(self._source.service, self._function_role(), self.mapping.function)

    def _credentials(self) -> Any:
        return self._roles.credentials(self._function_role(), self.mapping.function)

    def _function_role(self) -> str:
        if self._role is None:
            self._role = self._functions.role(self.mapping.function)
        return self._role

    def _denied(self) -> None:
        """Something was refused: the role, or its rights, may be others by now."""
        if self._role is not None:
            self._roles.forget(self._role)
            self._role = None

    def _discard(self, shard: str, given_up: GivenUp) -> None:
        if self.mapping.on_failure is None:
            return
        body = discards.message(self.mapping, shard, given_up, time.time())
        try:
            discards.send(self._roles, self._function_role(), self.mapping, body)
        except ClientError:
            self._denied()
            raise
