"""Where a mapping stands in each shard, on disk: a runtime that was killed goes on from there."""

import json
import threading
import time
from pathlib import Path
from typing import NamedTuple

import orjson


class Position(NamedTuple):
    """after: the last sequence number that was processed. since: epoch seconds; what came before does not count."""

    after: str | None
    since: float | None


class Checkpoints:
    """The positions of one mapping. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._new = path, path.with_suffix(".new")
        self._lock = threading.Lock()
        found = json.loads(path.read_text()) if path.exists() else {"began": time.time(), "shards": {}, "ended": []}
        self.began: float = found["began"]
        self._shards = {shard: Position(**each) for shard, each in found["shards"].items()}
        self._ended: set[str] = set(found["ended"])

    @property
    def first_time(self) -> bool:
        """Whether no shard was ever begun: only then the mapping's starting position matters."""
        return not self._shards and not self._ended

    def position(self, shard: str) -> Position:
        """Where a shard that was begun is."""
        return self._shards[shard]

    def ended(self, shard: str) -> bool:
        """Whether the shard was closed, and processed to its end."""
        return shard in self._ended

    def begin(self, shard: str, since: float | None) -> None:
        """A shard is read from now on; one that was begun goes on where it is."""
        with self._lock:
            self._shards.setdefault(shard, Position(None, since))
            self._save()

    def advance(self, shard: str, sequence: str) -> None:
        """Everything up to this sequence number is processed. When this returns, it survives the process."""
        with self._lock:
            self._shards[shard] = self._shards[shard]._replace(after=sequence)
            self._save()

    def end(self, shard: str) -> None:
        """A closed shard is processed to its end."""
        with self._lock:
            self._shards.pop(shard, None)
            self._ended.add(shard)
            self._save()

    def remove(self) -> None:
        """Forgets it all: the mapping is gone."""
        with self._lock:
            self._path.unlink(missing_ok=True)

    def _save(self) -> None:
        shards = {shard: each._asdict() for shard, each in self._shards.items()}
        self._new.write_bytes(orjson.dumps({"began": self.began, "shards": shards, "ended": sorted(self._ended)}))
        self._new.replace(self._path)
