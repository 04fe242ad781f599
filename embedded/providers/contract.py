"""What the engine asks of those who know a resource type."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

Values = dict[str, Any]


class AlreadyExistsError(Exception):
    """What was to be created stands already."""


class CloudGoneError(Exception):
    """There is no cloud at the other end any more."""


@dataclass(frozen=True)
class Known:
    """A resource as the last run left it in the cloud."""

    id: str
    inputs: Values
    outputs: Values


class Provider(ABC):
    """One resource type, in one region or account. Used by several threads at once.

    Whatever a method raises ends the deployment with that message. Outputs are what the cloud decides (ARNs, URLs):
    the SDK itself fills in the inputs.

    immutable: inputs whose change makes a new resource. A type without `update` is replaced on every change.
    identity: inputs that, when all given, decide what the resource is in the cloud; two with equal ones can not
    stand beside each other, so that a replacement waits until the old one is gone. Empty where the cloud makes an id.
    """

    immutable: ClassVar[frozenset[str]] = frozenset()
    identity: ClassVar[tuple[str, ...]] = ()
    updatable: ClassVar[bool] = True

    def prepared(self, inputs: Values) -> Values:
        """The inputs with what the provider's configuration adds to them; some may be `Unknown` in a preview."""
        return inputs

    @abstractmethod
    def create(self, name: str, inputs: Values) -> tuple[str, Values]:
        """Makes it, under `name` where the inputs name none. Returns its id and outputs.

        Raises AlreadyExistsError where it stands.
        """

    def update(self, known: Known, inputs: Values) -> Values:
        """Brings it to the inputs; returns its outputs. A type that is not `updatable` has none."""
        raise NotImplementedError

    @abstractmethod
    def delete(self, known: Known) -> None:
        """Removes it; one that is gone already is no error. Raises CloudGoneError where there is no cloud."""

    @abstractmethod
    def find(self, name: str, inputs: Values) -> str | None:
        """The id of what `create` would make, where it stands already."""


class Providers(Protocol):
    """Finds who knows a type or a function."""

    def provider(self, type: str, config: Values, secret: frozenset[str]) -> Provider:
        """The provider of a resource type under a provider's configuration, for a resource whose inputs named in
        `secret` must not be shown. Raises Problem where nobody knows the type."""
        ...

    def call(self, function: str, config: Values, arguments: Values) -> Values:
        """The result of a provider's function. Raises Problem where there is none."""
        ...
