"""What all Snowflake resource types share."""

# ruff: noqa: ARG002 - all resource types are called alike

from abc import abstractmethod
from typing import Any, ClassVar

from embedded.providers.contract import AlreadyExistsError, Known, Provider, Values
from embedded.providers.snowflake.account import HIDDEN, Account, literal
from embedded.snowflake.catalogue import quoted

UNSET = ("", "default", None)  # how the Snowflake provider spells "nothing given"


class SnowflakeProvider(Provider):
    """kind: Snowflake's noun. scope: the inputs that hold what it stands in. options: inputs and the parameters they
    set. aside: inputs the subclass sees to itself. Any other input is an error, so that none is dropped unseen."""

    kind: ClassVar[str]
    scope: ClassVar[tuple[str, ...]] = ()
    options: ClassVar[dict[str, str]] = {}
    aside: ClassVar[tuple[str, ...]] = ()
    immutable = frozenset({"name"})
    identity = ("name",)

    def __init__(self, account: Account, secret: frozenset[str]) -> None:
        self.account, self.secret = account, secret

    def create(self, name: str, inputs: Values) -> tuple[str, Values]:
        inputs = {"name": name.upper().replace("-", "_"), **inputs}
        self._refuse_unknown(inputs)
        full_name = self.full_name(inputs)
        if self.account.exists(self.kind, full_name):
            raise AlreadyExistsError(f"SQL compilation error: Object '{full_name}' already exists.")
        self.check(inputs)
        outputs = {"name": inputs["name"], "fullyQualifiedName": full_name, **self.made(full_name, inputs)}
        self.account.say(f"CREATE {self.kind} {full_name}{self.body(inputs)}")
        self.account.catalogue.put(self.kind, full_name, {**inputs, **outputs})
        return full_name, outputs

    def update(self, known: Known, inputs: Values) -> Values:
        stands = self.account.catalogue.get(self.kind, known.id)
        inputs = {"name": stands["name"], **inputs}
        self._refuse_unknown(inputs)
        self.check(inputs)
        outputs = {"name": inputs["name"], "fullyQualifiedName": known.id, **self.changed(known, stands, inputs)}
        for clause in self.alterations(known.inputs, inputs):
            self.account.say(f"ALTER {self.kind} {known.id} {clause}")
        self.account.catalogue.put(self.kind, known.id, {**inputs, **outputs})
        return outputs

    def delete(self, known: Known) -> None:
        if self.account.exists(self.kind, known.id):
            self.account.say(f"DROP {self.kind} IF EXISTS {known.id}")
            try:
                self.unmade(known)
            finally:  # what it has in AWS may be gone already, with the cloud
                self.account.catalogue.drop(self.kind, known.id)

    def find(self, name: str, inputs: Values) -> str | None:
        full_name = self.full_name({"name": name.upper().replace("-", "_"), **inputs})
        return full_name if full_name in self.account.catalogue.list(self.kind) else None

    def full_name(self, inputs: Values) -> str:
        return quoted(*(inputs[key] for key in self.scope), inputs["name"])

    def check(self, inputs: Values) -> None:
        """Raises SnowflakeError for what the account would refuse: above all, a name of nothing."""
        if self.scope:
            self.account.require("DATABASE", quoted(inputs["database"]))
        if "schema" in self.scope:
            self.account.require("SCHEMA", quoted(inputs["database"], inputs["schema"]))

    def body(self, inputs: Values) -> str:
        """What follows the name in its CREATE statement."""
        return self.option_text(inputs)

    def made(self, full_name: str, inputs: Values) -> Values:
        """Makes what goes with it; returns further outputs."""
        return {}

    def changed(self, known: Known, stands: Values, inputs: Values) -> Values:
        """Changes what goes with it; returns further outputs. `stands` is what the catalogue has."""
        return {}

    def unmade(self, known: Known) -> None:
        """Removes what goes with it."""

    def alterations(self, before: Values, after: Values) -> list[str]:
        """What follows the name in the ALTER statements of a change."""
        changed = {key: after.get(key) for key in self.options if before.get(key) != after.get(key)}
        given = {key: value for key, value in changed.items() if value not in UNSET}
        taken = [self.options[key] for key in changed if key not in given]
        return [f"SET{self.option_text(given)}"] * bool(given) + [f"UNSET {', '.join(taken)}"] * bool(taken)

    def option_text(self, inputs: Values) -> str:
        return "".join(
            f" {parameter} = {self._shown(key, inputs[key])}"
            for key, parameter in self.options.items()
            if inputs.get(key) not in UNSET
        )

    def _shown(self, key: str, value: Any) -> str:
        return HIDDEN if key in self.secret else literal(value)

    def _refuse_unknown(self, inputs: Values) -> None:
        if rest := inputs.keys() - {"name", *self.scope, *self.options, *self.aside}:
            raise ValueError(f"input '{min(rest)}' fits no parameter of a {self.kind.lower()} here")


class InSchema(SnowflakeProvider):
    """An object of a schema."""

    scope = ("database", "schema")
    immutable = frozenset({"name", "database", "schema"})
    identity = ("database", "schema", "name")

    @abstractmethod
    def body(self, inputs: Values) -> str: ...
