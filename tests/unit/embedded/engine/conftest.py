"""A project to write programs into, and a cloud that is a dictionary."""

# ruff: noqa: ARG002, ARG005 - stand-ins take what the real ones take

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from embedded import engine
from embedded.engine.report import Outcome
from embedded.providers.contract import AlreadyExistsError, CloudGoneError, Known, Provider, Values

PRELUDE = """
import pulumi
from pulumi import Output, ResourceOptions

class Thing(pulumi.CustomResource):
    def __init__(self, label, opts=None, **inputs):
        super().__init__("test:index:Thing", label, {"arn": None, **inputs}, opts)

class Group(pulumi.ComponentResource):
    def __init__(self, label, opts=None):
        super().__init__("test:index:Group", label, None, opts)
"""


@dataclass
class FakeCloud:
    """Things by name, and what was done to them, in order. Names in `refused` fail; those in `cut` are made, and the
    answer is lost."""

    things: dict[str, Values] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    cut: set[str] = field(default_factory=set)
    gone: bool = False

    def provider(self, type: str, config: Values, secret: frozenset[str]) -> Provider:
        if type != "test:index:Thing":
            raise LookupError(type)
        return ThingProvider(self, config)

    def call(self, function: str, config: Values, arguments: Values) -> Values:
        return {"said": f"{function} {arguments['word']}"}


class ThingProvider(Provider):
    immutable = frozenset({"name", "shape"})
    identity = ("name",)

    def __init__(self, cloud: FakeCloud, config: Values) -> None:
        self.cloud, self.config = cloud, config

    def prepared(self, inputs: Values) -> Values:
        return {**self.config, **inputs}

    def create(self, name: str, inputs: Values) -> tuple[str, Values]:
        name = inputs.get("name", name)
        if name in self.cloud.refused:
            raise ValueError("the cloud says no")
        if name in self.cloud.things:
            raise AlreadyExistsError(name)
        self.cloud.things[name] = inputs
        self.cloud.done.append(f"create {name}")
        if name in self.cloud.cut:
            raise ConnectionError("cut off")
        return name, {"arn": f"arn:{name}"}

    def update(self, known: Known, inputs: Values) -> Values:
        self.cloud.things[known.id] = inputs
        self.cloud.done.append(f"update {known.id}")
        return {"arn": f"arn:{known.id}"}

    def delete(self, known: Known) -> None:
        if self.cloud.gone:
            raise CloudGoneError("no answer")
        self.cloud.things.pop(known.id, None)
        self.cloud.done.append(f"delete {known.id}")

    def find(self, name: str, inputs: Values) -> str | None:
        name = inputs.get("name", name)
        return name if name in self.cloud.things else None


@dataclass
class Heard:
    """A reporter that remembers."""

    steps: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    on_step: Callable[[str], None] = lambda name: None

    def step(self, action: str, type: str, name: str, detail: str) -> None:
        self.steps.append(f"{action} {name}" + (f" [{detail}]" if detail else ""))
        self.on_step(name)

    def done(self, action: str, type: str, name: str, seconds: float) -> None: ...

    def diagnostic(self, severity: str, message: str) -> None:
        self.said.append(f"{severity}: {message}")


class Stack:
    """One stack of a project in a folder, deployed to a fake cloud."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.cloud, self.heard = folder, FakeCloud(), Heard()
        self.state = folder / "home" / "state.json"
        (folder / "program").mkdir()
        (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\nmain: program/\n")
        self.configure("")

    def configure(self, text: str) -> None:
        (self.folder / "Pulumi.local.yaml").write_text(f"config:\n{text}")

    def write(self, program: str) -> None:
        (self.folder / "program" / "__main__.py").write_text(PRELUDE + program)

    def up(self, program: str | None = None) -> Outcome:
        return self._run(engine.up, program)

    def preview(self, program: str | None = None) -> Outcome:
        return self._run(engine.preview, program)

    def destroy(self) -> Outcome:
        return self._run(engine.destroy, None)

    def _run(self, action: Callable[..., Outcome], program: str | None) -> Outcome:
        if program is not None:
            self.write(program)
        self.heard = Heard(on_step=self.heard.on_step)
        self.cloud.done.clear()
        return action(self.folder, "local", self.state, self.heard, self.cloud)


@pytest.fixture
def stack(tmp_path: Path) -> Any:
    return Stack(tmp_path)
