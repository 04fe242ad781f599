"""SQS queues and their policies."""

# ruff: noqa: ARG002 - all resource types are called alike

from embedded.providers.aws import AwsProvider
from embedded.providers.cloud import text
from embedded.providers.contract import Known, Values

ATTRIBUTES = {
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deduplicationScope": "DeduplicationScope",
    "delaySeconds": "DelaySeconds",
    "fifoQueue": "FifoQueue",
    "fifoThroughputLimit": "FifoThroughputLimit",
    "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "policy": "Policy",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "redriveAllowPolicy": "RedriveAllowPolicy",
    "redrivePolicy": "RedrivePolicy",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
}
FIXED = ("FifoQueue",)


class Queue(AwsProvider):
    service = "sqs"
    tagged = True
    immutable = frozenset({"name", "fifoQueue"})
    identity = ("name",)
    aside = tuple(ATTRIBUTES)

    def make(self, inputs: Values) -> tuple[str, Values]:
        parameters = self.fit("create_queue", {**inputs, "queueName": inputs["name"]}, "name")
        url = self.client(inputs).create_queue(**parameters, Attributes=_attributes(inputs))["QueueUrl"]
        return url, self._outputs(url, inputs)

    def change(self, known: Known, inputs: Values) -> Values:
        client = self.client(inputs)
        before, after = _attributes(known.inputs), _attributes(inputs)
        wanted = {name: after.get(name, "") for name in before.keys() | after.keys() if name not in FIXED}
        changed = {name: value for name, value in wanted.items() if value != before.get(name)}
        if changed:
            client.set_queue_attributes(QueueUrl=known.id, Attributes=changed)
        tags, gone = self.tag_changes(known, inputs)
        if gone:
            client.untag_queue(QueueUrl=known.id, TagKeys=gone)
        if tags:
            client.tag_queue(QueueUrl=known.id, Tags=tags)
        return self._outputs(known.id, inputs)

    def remove(self, known: Known) -> None:
        self.client(known.inputs).delete_queue(QueueUrl=known.id)

    def look_up(self, inputs: Values) -> str | None:
        return self.client(inputs).get_queue_url(QueueName=inputs["name"])["QueueUrl"]

    def name_in(self, id: str) -> str:
        return id.rpartition("/")[2]

    def _outputs(self, url: str, inputs: Values) -> Values:
        return {
            "name": inputs["name"],
            "url": url,
            "arn": self.arn(inputs, inputs["name"]),
            "tagsAll": inputs.get("tags") or {},
        }


class QueuePolicy(AwsProvider):
    """Who may use a queue. A queue has one."""

    service = "sqs"
    named = ""
    immutable = frozenset({"queueUrl"})
    identity = ("queueUrl",)

    def make(self, inputs: Values) -> tuple[str, Values]:
        policy = text(inputs["policy"])
        self.client(inputs).set_queue_attributes(QueueUrl=inputs["queueUrl"], Attributes={"Policy": policy})
        return inputs["queueUrl"], {"policy": policy}

    def change(self, known: Known, inputs: Values) -> Values:
        return self.make(inputs)[1]

    def remove(self, known: Known) -> None:
        self.client(known.inputs).set_queue_attributes(QueueUrl=known.id, Attributes={"Policy": ""})

    def look_up(self, inputs: Values) -> str | None:
        url = inputs["queueUrl"]
        found = self.client(inputs).get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
        return url if found.get("Attributes", {}).get("Policy") else None


def _attributes(inputs: Values) -> dict[str, str]:
    return {name: text(inputs[key]) for key, name in ATTRIBUTES.items() if inputs.get(key) is not None}
