"""SNS topics."""

from embedded.providers.aws import AwsProvider, tag_list
from embedded.providers.cloud import text
from embedded.providers.contract import Known, Values

ATTRIBUTES = {
    "displayName": "DisplayName",
    "policy": "Policy",
    "deliveryPolicy": "DeliveryPolicy",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "fifoTopic": "FifoTopic",
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "signatureVersion": "SignatureVersion",
    "tracingConfig": "TracingConfig",
}


class Topic(AwsProvider):
    service = "sns"
    tagged = True
    immutable = frozenset({"name", "fifoTopic"})
    identity = ("name",)
    aside = tuple(ATTRIBUTES)

    def make(self, inputs: Values) -> tuple[str, Values]:
        """Making one that stands with the same attributes is no error to SNS."""
        attributes = _attributes(inputs)
        arn = self.client(inputs).create_topic(**self.fit("create_topic", inputs), Attributes=attributes)["TopicArn"]
        return arn, self._outputs(arn, inputs)

    def change(self, known: Known, inputs: Values) -> Values:
        client = self.client(inputs)
        before, after = _attributes(known.inputs), _attributes(inputs)
        for name in sorted(before.keys() | after.keys()):
            if before.get(name) != after.get(name):
                client.set_topic_attributes(TopicArn=known.id, AttributeName=name, AttributeValue=after.get(name, ""))
        tags, gone = self.tag_changes(known, inputs)
        if gone:
            client.untag_resource(ResourceArn=known.id, TagKeys=gone)
        if tags:
            client.tag_resource(ResourceArn=known.id, Tags=tag_list(tags))
        return self._outputs(known.id, inputs)

    def remove(self, known: Known) -> None:
        self.client(known.inputs).delete_topic(TopicArn=known.id)

    def look_up(self, inputs: Values) -> str | None:
        arn = self.arn(inputs, inputs["name"])
        self.client(inputs).get_topic_attributes(TopicArn=arn)
        return arn

    def name_in(self, id: str) -> str:
        return id.rpartition(":")[2]

    def _outputs(self, arn: str, inputs: Values) -> Values:
        return {
            "name": inputs["name"],
            "arn": arn,
            "owner": self.cloud.account,
            "tagsAll": inputs.get("tags") or {},
        }


def _attributes(inputs: Values) -> dict[str, str]:
    return {name: text(inputs[key]) for key, name in ATTRIBUTES.items() if inputs.get(key) is not None}
