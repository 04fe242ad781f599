"""What all AWS resource types share."""

from abc import abstractmethod
from typing import Any, ClassVar

from botocore.exceptions import BotoCoreError, ClientError

from embedded.providers.cloud import Cloud, is_gone
from embedded.providers.contract import Known, Provider, Values
from embedded.providers.fitting import fit

NOT_FOR_AWS = ("region", "timeouts")


class AwsProvider(Provider):
    """A resource type of one service. A subclass says how it is made, changed and removed, in the service's own terms.

    service: boto3's name. named: the input that holds the name, where there is one. tagged: whether it takes tags.
    regional: whether it stands in one region (IAM's do not).
    rename: inputs whose parameter has another name. aside: inputs that no parameter of the main operation takes,
    because the subclass sees to them with other calls.
    """

    service: ClassVar[str]
    named: ClassVar[str] = "name"
    tagged: ClassVar[bool] = False
    regional: ClassVar[bool] = True
    rename: ClassVar[dict[str, str]] = {}
    aside: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        if cls.regional:
            cls.immutable = cls.immutable | {"region"}

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    def prepared(self, inputs: Values) -> Values:
        """Every resource is made in its own or the provider's region and gets the provider's default tags."""
        inputs = {"region": self.cloud.region, **inputs} if self.regional else dict(inputs)
        tags = inputs.get("tags") or {}
        if self.tagged and self.cloud.default_tags and isinstance(tags, dict):
            inputs["tags"] = {**self.cloud.default_tags, **tags}
        return inputs

    def create(self, name: str, inputs: Values) -> tuple[str, Values]:
        inputs = self.named_inputs(name, inputs)
        try:
            return self.make(inputs)
        except (ClientError, BotoCoreError) as problem:
            raise self.cloud.translated(problem) from problem

    def update(self, known: Known, inputs: Values) -> Values:
        try:
            return self.change(known, self.completed(known, inputs))
        except (ClientError, BotoCoreError) as problem:
            raise self.cloud.translated(problem) from problem

    def delete(self, known: Known) -> None:
        try:
            self.remove(known)
        except ClientError as problem:
            if not is_gone(problem):
                raise
        except BotoCoreError as problem:
            raise self.cloud.translated(problem) from problem

    def find(self, name: str, inputs: Values) -> str | None:
        try:
            return self.look_up(self.named_inputs(name, inputs))
        except ClientError as problem:
            if not is_gone(problem):
                raise
            return None
        except BotoCoreError as problem:
            raise self.cloud.translated(problem) from problem

    @abstractmethod
    def make(self, inputs: Values) -> tuple[str, Values]:
        """Creates it; the inputs hold its name."""

    def change(self, known: Known, inputs: Values) -> Values:
        """Updates it; the inputs hold its name. A type that is not `updatable` has none."""
        raise NotImplementedError

    @abstractmethod
    def remove(self, known: Known) -> None:
        """Deletes it; an error that says it is gone is seen to."""

    @abstractmethod
    def look_up(self, inputs: Values) -> str | None:
        """Its id, or None, or an error that says it is not there."""

    def named_inputs(self, name: str, inputs: Values) -> Values:
        return {self.named: name, **inputs} if self.named else dict(inputs)

    def completed(self, known: Known, inputs: Values) -> Values:
        """An automatic name is what the resource was made with."""
        named = known.outputs.get(self.named) or self.name_in(known.id)
        return {self.named: named, **inputs} if self.named else dict(inputs)

    def name_in(self, id: str) -> str:
        """The name within an id; most ids are the name."""
        return id

    def region_of(self, inputs: Values) -> str:
        return inputs.get("region") or self.cloud.region

    def client(self, inputs: Values) -> Any:
        return self.cloud.client(self.service, self.region_of(inputs))

    def fit(self, operation: str, inputs: Values, *leave_out: str, **more: Any) -> dict[str, Any]:
        """The operation's parameters out of the inputs, and `more` as it is."""
        skip = {*NOT_FOR_AWS, *self.aside, *leave_out}
        return fit(self.client(inputs), operation, inputs, self.rename, skip) | more

    def arn(self, inputs: Values, resource: str) -> str:
        return self.cloud.arn(self.service, resource, self.region_of(inputs))

    def tag_changes(self, known: Known, inputs: Values) -> tuple[dict[str, str], list[str]]:
        """The tags to set and the keys to remove."""
        before, after = known.inputs.get("tags") or {}, inputs.get("tags") or {}
        return after, sorted(before.keys() - after.keys())


def tag_list(tags: Values) -> list[dict[str, str]]:
    return [{"Key": key, "Value": str(value)} for key, value in tags.items()]
