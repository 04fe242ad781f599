"""Kinesis data streams."""

from typing import ClassVar

from embedded.providers.aws import AwsProvider
from embedded.providers.contract import Known, Values

DEFAULT_RETENTION_HOURS = 24  # of a new stream
KMS = "KMS"
WAIT = {"Delay": 0.1, "MaxAttempts": 600}  # seconds between looks: the emulator is quick


class Stream(AwsProvider):
    service = "kinesis"
    tagged = True
    immutable = frozenset({"name"})
    identity = ("name",)
    rename: ClassVar = {"name": "StreamName"}
    aside = ("retentionPeriod", "shardLevelMetrics", "enforceConsumerDeletion", "encryptionType", "kmsKeyId", "tags")

    def make(self, inputs: Values) -> tuple[str, Values]:
        client, name = self.client(inputs), inputs["name"]
        client.create_stream(**self.fit("create_stream", inputs))
        client.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig=WAIT)
        self._settings(Known(name, {}, {}), inputs)
        if inputs.get("tags"):
            client.add_tags_to_stream(StreamName=name, Tags=inputs["tags"])
        arn = self.arn(inputs, f"stream/{name}")
        return arn, self._outputs(arn, inputs)

    def change(self, known: Known, inputs: Values) -> Values:
        client, name = self.client(inputs), inputs["name"]
        mode = (inputs.get("streamModeDetails") or {}).get("streamMode", "PROVISIONED")
        if mode != (known.inputs.get("streamModeDetails") or {}).get("streamMode", "PROVISIONED"):
            client.update_stream_mode(StreamARN=known.id, StreamModeDetails={"StreamMode": mode})
        if mode == "PROVISIONED" and inputs.get("shardCount") not in (None, known.inputs.get("shardCount")):
            client.update_shard_count(
                StreamName=name, TargetShardCount=inputs["shardCount"], ScalingType="UNIFORM_SCALING"
            )
        client.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig=WAIT)
        self._settings(known, inputs)
        tags, gone = self.tag_changes(known, inputs)
        if gone:
            client.remove_tags_from_stream(StreamName=name, TagKeys=gone)
        if tags:
            client.add_tags_to_stream(StreamName=name, Tags=tags)
        return self._outputs(known.id, inputs)

    def remove(self, known: Known) -> None:
        self.client(known.inputs).delete_stream(
            StreamName=self.name_in(known.id),
            EnforceConsumerDeletion=bool(known.inputs.get("enforceConsumerDeletion")),
        )

    def look_up(self, inputs: Values) -> str | None:
        found = self.client(inputs).describe_stream_summary(StreamName=inputs["name"])
        return found["StreamDescriptionSummary"]["StreamARN"]

    def name_in(self, id: str) -> str:
        return id.rpartition("/")[2]

    def _settings(self, known: Known, inputs: Values) -> None:
        """What a stream is not created with but given afterwards."""
        client, name = self.client(inputs), inputs["name"]
        before = known.inputs.get("retentionPeriod", DEFAULT_RETENTION_HOURS)
        after = inputs.get("retentionPeriod", DEFAULT_RETENTION_HOURS)
        if after > before:
            client.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=after)
        elif after < before:
            client.decrease_stream_retention_period(StreamName=name, RetentionPeriodHours=after)
        encrypted, wanted = (each.get("encryptionType") == KMS for each in (known.inputs, inputs))
        key = inputs.get("kmsKeyId", "alias/aws/kinesis")
        if wanted and (not encrypted or key != known.inputs.get("kmsKeyId", key)):
            client.start_stream_encryption(StreamName=name, EncryptionType=KMS, KeyId=key)
        elif encrypted and not wanted:
            client.stop_stream_encryption(StreamName=name, EncryptionType=KMS, KeyId=known.inputs["kmsKeyId"])
        metrics, old = (set(each.get("shardLevelMetrics") or []) for each in (inputs, known.inputs))
        if old - metrics:
            client.disable_enhanced_monitoring(StreamName=name, ShardLevelMetrics=sorted(old - metrics))
        if metrics - old:
            client.enable_enhanced_monitoring(StreamName=name, ShardLevelMetrics=sorted(metrics - old))

    def _outputs(self, arn: str, inputs: Values) -> Values:
        return {"name": inputs["name"], "arn": arn, "tagsAll": inputs.get("tags") or {}}
