"""What a stack consists of, kept in one file that is replaced as a whole after every step."""

import json
import os
import threading
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from embedded.engine.vault import OWNER_ONLY, Vault
from headrace.console import Problem

FORMAT = 1


@dataclass(kw_only=True)
class Entry:
    """One resource as the last run left it.

    name: the name it got in the cloud unless its inputs name it; generation: how often it was replaced.
    pending: its creation was begun and not seen to end, so it may or may not stand in the cloud.
    secret_inputs, secret_outputs: the names of those whose values are encrypted in the file.
    """

    urn: str
    type: str
    custom: bool = True
    id: str = ""
    name: str = ""
    generation: int = 0
    parent: str = ""
    provider: str = ""
    dependencies: list[str] = field(default_factory=list)
    deleted_with: str = ""
    protect: bool = False
    retain: bool = False
    pending: bool = False
    inputs: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    secret_inputs: list[str] = field(default_factory=list)
    secret_outputs: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The name the program gives it."""
        return self.urn.rpartition("::")[2]


class State:
    """The resources by URN, the replaced ones that still stand in the cloud (`retired`), and the stack's outputs.

    Safe to use from several threads. Raises Problem where the file can not be understood.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._vault = Vault(path.with_suffix(".key"))
        self._lock = threading.RLock()
        self._encoded: dict[str, str] = {}
        self.resources: dict[str, Entry] = {}
        self.retired: list[Entry] = []
        self.outputs: dict[str, Any] = {}
        self.secret_outputs: list[str] = []
        if path.exists():
            self._load()

    def put(self, entry: Entry) -> None:
        with self._lock:
            self.resources[entry.urn] = entry
            self._encoded[entry.urn] = json.dumps(self._hidden(entry))
            self._save()

    def drop(self, urn: str) -> None:
        with self._lock:
            del self.resources[urn], self._encoded[urn]
            self._save()

    def rename(self, old: str, new: str) -> None:
        """An alias: what stood under one URN goes on under another. Entries that point to it follow."""
        with self._lock:
            entry = self.resources.pop(old)
            del self._encoded[old]
            entry.urn = new
            for other in self.resources.values():
                other.dependencies = [new if urn == old else urn for urn in other.dependencies]
                other.parent = new if other.parent == old else other.parent
                self._encoded[other.urn] = json.dumps(self._hidden(other))
            self.put(entry)

    def retire(self, entry: Entry) -> None:
        with self._lock:
            self.retired.append(entry)
            self._save()

    def bury(self, entry: Entry) -> None:
        """A retired resource is gone from the cloud."""
        with self._lock:
            self.retired.remove(entry)
            self._save()

    def publish(self, outputs: dict[str, Any], secret: frozenset[str]) -> None:
        with self._lock:
            self.outputs, self.secret_outputs = outputs, sorted(secret)
            self._save()

    def clear(self) -> None:
        """Nothing is left of the stack: neither the file nor its key."""
        with self._lock:
            self.resources, self.retired, self.outputs, self._encoded = {}, [], {}, {}
            self.path.unlink(missing_ok=True)
            self._vault.key.unlink(missing_ok=True)

    def _load(self) -> None:
        try:
            data = json.loads(self.path.read_text())
            if data["format"] != FORMAT:
                raise ValueError(f"format {data['format']}")
            for encoded in data["resources"].values():
                entry = self._shown(encoded)
                self.resources[entry.urn] = entry
                self._encoded[entry.urn] = json.dumps(encoded)
            self.retired = [self._shown(encoded) for encoded in data["retired"]]
            self.secret_outputs = data["secret_outputs"]
            self.outputs = self._unlocked(data["outputs"], self.secret_outputs)
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise Problem(
                f"the stack's state, {self.path}, can not be read ({problem})",
                "remove the stack's folder and run `make up` to start anew",
            ) from None

    def _save(self) -> None:
        rest = {
            "retired": [self._hidden(entry) for entry in self.retired],
            "outputs": self._locked(self.outputs, self.secret_outputs),
            "secret_outputs": self.secret_outputs,
        }
        resources = ",\n".join(f"{json.dumps(urn)}: {text}" for urn, text in self._encoded.items())
        text = f'{{"format": {FORMAT},\n"resources": {{\n{resources}\n}},\n{json.dumps(rest)[1:]}\n'
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = self.path.with_suffix(".new")
        with os.fdopen(os.open(new, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, OWNER_ONLY), "w") as file:
            file.write(text)
        new.replace(self.path)

    def _hidden(self, entry: Entry) -> dict[str, Any]:
        data = asdict(entry)
        data["inputs"] = self._locked(entry.inputs, entry.secret_inputs)
        data["outputs"] = self._locked(entry.outputs, entry.secret_outputs)
        return data

    def _shown(self, data: dict[str, Any]) -> Entry:
        known = {each.name for each in fields(Entry)}
        if unknown := data.keys() - known:
            raise ValueError(f"unknown field {min(unknown)}")
        entry = Entry(**data)
        entry.inputs = self._unlocked(entry.inputs, entry.secret_inputs)
        entry.outputs = self._unlocked(entry.outputs, entry.secret_outputs)
        return entry

    def _locked(self, values: dict[str, Any], secret: list[str]) -> dict[str, Any]:
        return {key: self._vault.lock(value) if key in secret else value for key, value in values.items()}

    def _unlocked(self, values: dict[str, Any], secret: list[str]) -> dict[str, Any]:
        return {key: self._vault.unlock(value) if key in secret else value for key, value in values.items()}
