"""What the program wants of one resource."""

from dataclasses import dataclass

from embedded.engine.state import Entry
from embedded.engine.values import fingerprint
from embedded.providers.contract import Provider, Values

PROVIDER_TYPE = "pulumi:providers:"


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A registration, free of the protocol. `secret`: the names of inputs that hold a secret."""

    urn: str
    type: str
    name: str
    custom: bool
    inputs: Values
    secret: frozenset[str] = frozenset()
    parent: str = ""
    provider: str = ""
    dependencies: tuple[str, ...] = ()
    deleted_with: str = ""
    protect: bool = False
    retain: bool = False
    delete_before_replace: bool = False
    ignored: frozenset[str] = frozenset()
    replacing: frozenset[str] = frozenset()
    secret_outputs: frozenset[str] = frozenset()
    aliases: tuple[str, ...] = ()

    @property
    def in_cloud(self) -> bool:
        """Whether anything stands in the cloud for it; components and providers are bookkeeping alone."""
        return self.custom and not self.type.startswith(PROVIDER_TYPE)

    def entry(self, inputs: Values, name: str = "", generation: int = 0) -> Entry:
        """Its record, before anything is done. `name` is what it is called where the inputs name it not."""
        return Entry(
            urn=self.urn,
            type=self.type,
            custom=self.custom,
            name=name,
            generation=generation,
            parent=self.parent,
            provider=self.provider,
            dependencies=sorted(self.dependencies),
            deleted_with=self.deleted_with,
            protect=self.protect,
            retain=self.retain,
            inputs=fingerprint(inputs),
            secret_inputs=sorted(self.secret & inputs.keys()),
        )


def changes(old: Entry, new: Entry, ignored: frozenset[str]) -> list[str]:
    """The inputs in which two records differ."""
    keys = {*old.inputs, *new.inputs} - ignored
    return sorted(key for key in keys if old.inputs.get(key) != new.inputs.get(key))


def must_replace(provider: Provider, changed: list[str], replacing: frozenset[str]) -> bool:
    """Whether these changes need a new resource; `replacing` may be `*` for any."""
    if not changed:
        return False
    touched = set(changed)
    return not provider.updatable or bool(provider.immutable & touched) or bool(replacing & {*touched, "*"})


def would_collide(provider: Provider, old: Entry, new: Entry) -> bool:
    """Whether the replacement can not stand beside the old one."""
    return bool(provider.identity) and all(
        key in new.inputs and new.inputs[key] == old.inputs.get(key) for key in provider.identity
    )
