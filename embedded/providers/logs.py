"""CloudWatch log groups and streams."""

from typing import ClassVar

from embedded.providers.aws import AwsProvider
from embedded.providers.contract import Known, Values


class LogGroup(AwsProvider):
    service = "logs"
    tagged = True
    immutable = frozenset({"name", "logGroupClass"})
    identity = ("name",)
    rename: ClassVar = {"name": "logGroupName"}
    aside = ("retentionInDays", "skipDestroy")

    def make(self, inputs: Values) -> tuple[str, Values]:
        self.client(inputs).create_log_group(**self.fit("create_log_group", inputs))
        self._retain(Known(inputs["name"], {}, {}), inputs)
        return inputs["name"], self._outputs(inputs)

    def change(self, known: Known, inputs: Values) -> Values:
        client = self.client(inputs)
        self._retain(known, inputs)
        key = inputs.get("kmsKeyId")
        if key and key != known.inputs.get("kmsKeyId"):
            client.associate_kms_key(logGroupName=known.id, kmsKeyId=key)
        elif known.inputs.get("kmsKeyId") and not key:
            client.disassociate_kms_key(logGroupName=known.id)
        outputs = self._outputs(inputs)
        tags, gone = self.tag_changes(known, inputs)
        if gone:
            client.untag_resource(resourceArn=outputs["arn"], tagKeys=gone)
        if tags:
            client.tag_resource(resourceArn=outputs["arn"], tags=tags)
        return outputs

    def remove(self, known: Known) -> None:
        if not known.inputs.get("skipDestroy"):
            self.client(known.inputs).delete_log_group(logGroupName=known.id)

    def look_up(self, inputs: Values) -> str | None:
        groups = self.client(inputs).describe_log_groups(logGroupNamePrefix=inputs["name"])["logGroups"]
        return next((group["logGroupName"] for group in groups if group["logGroupName"] == inputs["name"]), None)

    def _retain(self, known: Known, inputs: Values) -> None:
        """No retention, or 0 days, keeps events for ever."""
        if days := inputs.get("retentionInDays"):
            self.client(inputs).put_retention_policy(logGroupName=inputs["name"], retentionInDays=days)
        elif known.inputs.get("retentionInDays"):
            self.client(inputs).delete_retention_policy(logGroupName=inputs["name"])

    def _outputs(self, inputs: Values) -> Values:
        arn = self.arn(inputs, f"log-group:{inputs['name']}")
        return {"name": inputs["name"], "arn": arn, "tagsAll": inputs.get("tags") or {}}


class LogStream(AwsProvider):
    service = "logs"
    immutable = frozenset({"name", "logGroupName"})
    identity = ("logGroupName", "name")
    updatable = False
    rename: ClassVar = {"name": "logStreamName"}

    def make(self, inputs: Values) -> tuple[str, Values]:
        self.client(inputs).create_log_stream(**self.fit("create_log_stream", inputs))
        name = f"log-group:{inputs['logGroupName']}:log-stream:{inputs['name']}"
        return inputs["name"], {"name": inputs["name"], "arn": self.arn(inputs, name)}

    def remove(self, known: Known) -> None:
        self.client(known.inputs).delete_log_stream(logGroupName=known.inputs["logGroupName"], logStreamName=known.id)

    def look_up(self, inputs: Values) -> str | None:
        streams = self.client(inputs).describe_log_streams(
            logGroupName=inputs["logGroupName"], logStreamNamePrefix=inputs["name"]
        )["logStreams"]
        return next((stream["logStreamName"] for stream in streams if stream["logStreamName"] == inputs["name"]), None)
