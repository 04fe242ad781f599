"""EventBridge: buses, rules and their targets."""

# ruff: noqa: ARG002 - all resource types are called alike

from typing import ClassVar

from embedded.providers.aws import AwsProvider, tag_list
from embedded.providers.cloud import text
from embedded.providers.contract import Known, Values

DEFAULT_BUS = "default"


class EventBus(AwsProvider):
    service = "events"
    tagged = True
    immutable = frozenset({"name", "eventSourceName"})
    identity = ("name",)

    def make(self, inputs: Values) -> tuple[str, Values]:
        made = self.client(inputs).create_event_bus(**self.fit("create_event_bus", inputs))
        return inputs["name"], self._outputs(made["EventBusArn"], inputs)

    def change(self, known: Known, inputs: Values) -> Values:
        client = self.client(inputs)
        client.update_event_bus(**self.fit("update_event_bus", {"description": "", **inputs}, "tags"))
        arn = client.describe_event_bus(Name=known.id)["Arn"]
        tags, gone = self.tag_changes(known, inputs)
        if gone:
            client.untag_resource(ResourceARN=arn, TagKeys=gone)
        if tags:
            client.tag_resource(ResourceARN=arn, Tags=tag_list(tags))
        return self._outputs(arn, inputs)

    def remove(self, known: Known) -> None:
        self.client(known.inputs).delete_event_bus(Name=known.id)

    def look_up(self, inputs: Values) -> str | None:
        return self.client(inputs).describe_event_bus(Name=inputs["name"])["Name"]

    def _outputs(self, arn: str, inputs: Values) -> Values:
        return {"name": inputs["name"], "arn": arn, "tagsAll": inputs.get("tags") or {}}


class EventRule(AwsProvider):
    service = "events"
    tagged = True
    immutable = frozenset({"name", "eventBusName"})
    identity = ("name",)
    aside = ("forceDestroy", "isEnabled", "eventPattern", "state")

    def make(self, inputs: Values) -> tuple[str, Values]:
        return f"{_bus(inputs)}/{inputs['name']}", self._put(inputs)

    def change(self, known: Known, inputs: Values) -> Values:
        """A put replaces everything but the tags."""
        outputs = self._put({key: value for key, value in inputs.items() if key != "tags"})
        tags, gone = self.tag_changes(known, inputs)
        if gone:
            self.client(inputs).untag_resource(ResourceARN=outputs["arn"], TagKeys=gone)
        if tags:
            self.client(inputs).tag_resource(ResourceARN=outputs["arn"], Tags=tag_list(tags))
        return {**outputs, "tagsAll": tags}

    def remove(self, known: Known) -> None:
        bus, _, name = known.id.rpartition("/")
        self.client(known.inputs).delete_rule(Name=name, EventBusName=bus, Force=bool(known.inputs.get("forceDestroy")))

    def look_up(self, inputs: Values) -> str | None:
        self.client(inputs).describe_rule(Name=inputs["name"], EventBusName=_bus(inputs))
        return f"{_bus(inputs)}/{inputs['name']}"

    def name_in(self, id: str) -> str:
        return id.rpartition("/")[2]

    def _put(self, inputs: Values) -> Values:
        state = inputs.get("state") or ("ENABLED" if inputs.get("isEnabled", True) else "DISABLED")
        pattern = {"EventPattern": text(inputs["eventPattern"])} if inputs.get("eventPattern") else {}
        made = self.client(inputs).put_rule(**self.fit("put_rule", inputs), State=state, **pattern)
        return {
            "name": inputs["name"],
            "arn": made["RuleArn"],
            "eventBusName": _bus(inputs),
            "tagsAll": inputs.get("tags") or {},
        }


class EventTarget(AwsProvider):
    service = "events"
    named = "targetId"
    immutable = frozenset({"rule", "eventBusName", "targetId"})
    identity = ("rule", "targetId")
    rename: ClassVar = {
        "targetId": "Id",
        "sqsTarget": "SqsParameters",
        "kinesisTarget": "KinesisParameters",
        "httpTarget": "HttpParameters",
        "inputPaths": "InputPathsMap",
    }

    def make(self, inputs: Values) -> tuple[str, Values]:
        target = {key: value for key, value in inputs.items() if key not in ("rule", "eventBusName", "region")}
        answer = self.client(inputs).put_targets(
            Rule=inputs["rule"], EventBusName=_bus(inputs), **self.fit("put_targets", {"targets": [target]})
        )
        if answer.get("FailedEntryCount"):
            raise ValueError(answer["FailedEntries"][0].get("ErrorMessage") or "the target was not accepted")
        return f"{_bus(inputs)}/{inputs['rule']}/{inputs['targetId']}", {"targetId": inputs["targetId"]}

    def change(self, known: Known, inputs: Values) -> Values:
        return self.make(inputs)[1]

    def remove(self, known: Known) -> None:
        rest, _, target = known.id.rpartition("/")
        bus, _, rule = rest.rpartition("/")
        self.client(known.inputs).remove_targets(Rule=rule, EventBusName=bus, Ids=[target])

    def look_up(self, inputs: Values) -> str | None:
        found = self.client(inputs).list_targets_by_rule(Rule=inputs["rule"], EventBusName=_bus(inputs))["Targets"]
        wanted = inputs["targetId"]
        return next((f"{_bus(inputs)}/{inputs['rule']}/{wanted}" for each in found if each["Id"] == wanted), None)

    def name_in(self, id: str) -> str:
        return id.rpartition("/")[2]


def _bus(inputs: Values) -> str:
    return inputs.get("eventBusName") or DEFAULT_BUS
