"""The objects of the embedded Snowflake account: what stands in it, under which name, with which properties.

One JSON file, `{kind: {full name: properties}}`. A kind is Snowflake's own noun (`TABLE`, `STORAGE INTEGRATION`), a
full name is quoted as Snowflake prints it (`"DB"."RAW"."LOGS"`). The deployment writes it and the pipe reads it, in
different processes: a change is made under a lock and becomes visible as a whole.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ENVIRONMENT_VARIABLE = "HEADRACE_SNOWFLAKE_CATALOGUE"

Properties = dict[str, Any]


def quoted(*parts: str) -> str:
    """The full name of an object: each part in double quotes, a quote within a part doubled."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


class Catalogue:
    """The catalogue in one file; the file and its folder appear with the first object."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def from_environment(cls) -> "Catalogue":
        """The catalogue of the stack at hand. Raises KeyError where HEADRACE_SNOWFLAKE_CATALOGUE is not set."""
        return cls(Path(os.environ[ENVIRONMENT_VARIABLE]))

    def put(self, kind: str, name: str, properties: Properties) -> None:
        """Adds an object or replaces its properties."""
        with self._changed() as objects:
            objects.setdefault(kind, {})[name] = properties

    def drop(self, kind: str, name: str) -> None:
        """Removes an object; one that is not there is no error."""
        with self._changed() as objects:
            objects.get(kind, {}).pop(name, None)

    def get(self, kind: str, name: str) -> Properties:
        """An object's properties. Raises KeyError where there is no such object."""
        return self._read()[kind][name]

    def list(self, kind: str) -> dict[str, Properties]:
        """All objects of a kind by full name."""
        return self._read().get(kind, {})

    @contextmanager
    def _changed(self) -> Iterator[dict[str, dict[str, Properties]]]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            objects = self._read()
            yield objects
            new = self.path.with_suffix(".new")
            new.write_text(json.dumps(objects, indent=1, sort_keys=True))
            new.replace(self.path)

    def _read(self) -> dict[str, dict[str, Properties]]:
        """No lock: the file is only ever replaced as a whole."""
        return json.loads(self.path.read_text()) if self.path.exists() else {}
