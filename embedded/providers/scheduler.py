"""EventBridge Scheduler's schedules."""

# ruff: noqa: ARG002 - all resource types are called alike

from typing import ClassVar

from embedded.providers.aws import AwsProvider
from embedded.providers.contract import Known, Values

DEFAULT_GROUP = "default"


class Schedule(AwsProvider):
    service = "scheduler"
    immutable = frozenset({"name", "groupName"})
    identity = ("name",)
    rename: ClassVar = {"eventbridgeParameters": "EventBridgeParameters"}

    def make(self, inputs: Values) -> tuple[str, Values]:
        made = self.client(inputs).create_schedule(**self.fit("create_schedule", inputs))
        return f"{_group(inputs)}/{inputs['name']}", self._outputs(made["ScheduleArn"], inputs)

    def change(self, known: Known, inputs: Values) -> Values:
        """An update replaces everything: what it does not name goes back to its default."""
        found = self.client(inputs).update_schedule(**self.fit("update_schedule", inputs))
        return self._outputs(found["ScheduleArn"], inputs)

    def remove(self, known: Known) -> None:
        group, _, name = known.id.partition("/")
        self.client(known.inputs).delete_schedule(GroupName=group, Name=name)

    def look_up(self, inputs: Values) -> str | None:
        self.client(inputs).get_schedule(GroupName=_group(inputs), Name=inputs["name"])
        return f"{_group(inputs)}/{inputs['name']}"

    def name_in(self, id: str) -> str:
        return id.partition("/")[2]

    def _outputs(self, arn: str, inputs: Values) -> Values:
        return {"name": inputs["name"], "arn": arn, "groupName": _group(inputs)}


def _group(inputs: Values) -> str:
    return inputs.get("groupName") or DEFAULT_GROUP
