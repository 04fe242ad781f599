"""Lambda's event source mappings.

The emulator's own poller knows few of a stream's settings, so stream mappings are registered with it as disabled, and
polled by the runtime (`embedded/runtime/mappings`). What its register does not hold stands in tags, whose names are
given in `embedded/runtime/mappings/definition.py`.
"""

from datetime import datetime
from typing import Any, ClassVar

from embedded.providers.aws import AwsProvider
from embedded.providers.contract import Known, Values
from embedded.runtime.mappings.definition import ENABLED_TAG, SINCE_TAG

STREAMS = ("kinesis", "dynamodb")
# Lambda's defaults; the emulator has others, and an update that leaves a setting out must bring it back to these.
STREAM_DEFAULTS = {
    "batchSize": 100,
    "bisectBatchOnFunctionError": False,
    "maximumBatchingWindowInSeconds": 0,
    "maximumRecordAgeInSeconds": -1,
    "maximumRetryAttempts": -1,
    "parallelizationFactor": 1,
}
EMPTY: Values = {"functionResponseTypes": [], "destinationConfig": {}, "filterCriteria": {}}


class EventSourceMapping(AwsProvider):
    service = "lambda"
    named = ""
    tagged = True
    immutable = frozenset({"eventSourceArn", "startingPosition", "startingPositionTimestamp"})
    identity = ("eventSourceArn", "functionName")
    rename: ClassVar = {"destinationArn": "Destination"}
    aside = ("tags", "enabled", "startingPositionTimestamp", "useResourceTimeoutForPropagation")

    def make(self, inputs: Values) -> tuple[str, Values]:
        made = self.client(inputs).create_event_source_mapping(
            **self.fit("create_event_source_mapping", _complete(inputs)),
            Enabled=_enabled_there(inputs),
            Tags=_tags(inputs),
        )
        return made["UUID"], self._outputs(made, inputs)

    def change(self, known: Known, inputs: Values) -> Values:
        client = self.client(inputs)
        found = client.update_event_source_mapping(
            UUID=known.id,
            **self.fit("update_event_source_mapping", EMPTY | _complete(inputs), "eventSourceArn", "startingPosition"),
            Enabled=_enabled_there(inputs),
        )
        outputs = self._outputs(found, inputs)
        before, after = _tags(known.inputs), _tags(inputs)
        if gone := sorted(before.keys() - after.keys()):
            client.untag_resource(Resource=outputs["arn"], TagKeys=gone)
        if after != before:
            client.tag_resource(Resource=outputs["arn"], Tags=after)
        return outputs

    def remove(self, known: Known) -> None:
        self.client(known.inputs).delete_event_source_mapping(UUID=known.id)

    def look_up(self, inputs: Values) -> str | None:
        found = self.client(inputs).list_event_source_mappings(
            EventSourceArn=inputs["eventSourceArn"], FunctionName=inputs["functionName"]
        )["EventSourceMappings"]
        return found[0]["UUID"] if found else None

    def _outputs(self, found: Values, inputs: Values) -> Values:
        return {
            "uuid": found["UUID"],
            "arn": self.cloud.arn("lambda", f"event-source-mapping:{found['UUID']}", self.region_of(inputs)),
            "functionArn": found["FunctionArn"],
            "state": "Enabled" if inputs.get("enabled", True) else "Disabled",
            "tagsAll": inputs.get("tags") or {},
        }


def _reads_stream(inputs: Values) -> bool:
    return inputs.get("eventSourceArn", "::").split(":")[2] in STREAMS


def _complete(inputs: Values) -> Values:
    return STREAM_DEFAULTS | inputs if _reads_stream(inputs) else inputs


def _enabled_there(inputs: Values) -> bool:
    """Whether the emulator itself shall poll."""
    return bool(inputs.get("enabled", True)) and not _reads_stream(inputs)


def _tags(inputs: Values) -> dict[str, Any]:
    tags = dict(inputs.get("tags") or {})
    if _reads_stream(inputs):
        tags[ENABLED_TAG] = str(bool(inputs.get("enabled", True))).lower()
        if since := inputs.get("startingPositionTimestamp"):
            tags[SINCE_TAG] = datetime.fromisoformat(since).isoformat()
    return tags
