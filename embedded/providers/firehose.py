"""Firehose delivery streams to S3."""

from typing import Any, ClassVar

from embedded.providers.aws import AwsProvider, tag_list
from embedded.providers.contract import Known, Values
from embedded.providers.fitting import fit

DEFAULT_INTERVAL = 300  # seconds, Firehose's own
DEFAULT_SIZE = 5  # MiB, Firehose's own
S3 = "extendedS3Configuration"
BESIDE = ("bufferingInterval", "bufferingSize", "kmsKeyArn")  # stand inside other structures in the API


class FirehoseDeliveryStream(AwsProvider):
    service = "firehose"
    tagged = True
    immutable = frozenset({"name", "destination", "kinesisSourceConfiguration"})
    identity = ("name",)
    rename: ClassVar = {
        "name": "DeliveryStreamName",
        S3: "ExtendedS3DestinationConfiguration",
        "kinesisSourceConfiguration": "KinesisStreamSourceConfiguration",
        "cloudwatchLoggingOptions": "CloudWatchLoggingOptions",
        "roleArn": "RoleARN",
        "bucketArn": "BucketARN",
    }
    aside = ("destination", "serverSideEncryption", S3)

    def make(self, inputs: Values) -> tuple[str, Values]:
        _only_extended_s3(inputs)
        source = "KinesisStreamAsSource" if inputs.get("kinesisSourceConfiguration") else "DirectPut"
        more: dict[str, Any] = {"DeliveryStreamType": source}
        if (encryption := inputs.get("serverSideEncryption")) and encryption.get("enabled"):
            more["DeliveryStreamEncryptionConfigurationInput"] = _encryption(encryption)
        more["ExtendedS3DestinationConfiguration"] = self._destination(
            inputs, "create_delivery_stream", "ExtendedS3DestinationConfiguration"
        )
        made = self.client(inputs).create_delivery_stream(**self.fit("create_delivery_stream", inputs), **more)
        arn = made["DeliveryStreamARN"]
        return arn, self._outputs(arn, inputs)

    def change(self, known: Known, inputs: Values) -> Values:
        _only_extended_s3(inputs)
        client, name = self.client(inputs), inputs["name"]
        stands = client.describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]
        if inputs[S3] != known.inputs.get(S3):
            client.update_destination(
                DeliveryStreamName=name,
                CurrentDeliveryStreamVersionId=stands["VersionId"],
                DestinationId=stands["Destinations"][0]["DestinationId"],
                ExtendedS3DestinationUpdate=self._destination(
                    inputs, "update_destination", "ExtendedS3DestinationUpdate"
                ),
            )
        if inputs.get("serverSideEncryption") != known.inputs.get("serverSideEncryption"):
            self._encrypt(inputs)
        tags, gone = self.tag_changes(known, inputs)
        if gone:
            client.untag_delivery_stream(DeliveryStreamName=name, TagKeys=gone)
        if tags:
            client.tag_delivery_stream(DeliveryStreamName=name, Tags=tag_list(tags))
        return self._outputs(stands["DeliveryStreamARN"], inputs)

    def remove(self, known: Known) -> None:
        self.client(known.inputs).delete_delivery_stream(DeliveryStreamName=self.name_in(known.id))

    def look_up(self, inputs: Values) -> str | None:
        found = self.client(inputs).describe_delivery_stream(DeliveryStreamName=inputs["name"])
        return found["DeliveryStreamDescription"]["DeliveryStreamARN"]

    def name_in(self, id: str) -> str:
        return id.rpartition("/")[2]

    def _destination(self, inputs: Values, operation: str, parameter: str) -> dict[str, Any]:
        s3 = inputs[S3]
        rest = {key: value for key, value in s3.items() if key not in BESIDE}
        fitted = fit(self.client(inputs), operation, {S3: rest}, {**self.rename, S3: parameter})[parameter]
        fitted["BufferingHints"] = {
            "IntervalInSeconds": s3.get("bufferingInterval", DEFAULT_INTERVAL),
            "SizeInMBs": s3.get("bufferingSize", DEFAULT_SIZE),
        }
        if s3.get("kmsKeyArn"):
            fitted["EncryptionConfiguration"] = {"KMSEncryptionConfig": {"AWSKMSKeyARN": s3["kmsKeyArn"]}}
        return fitted

    def _encrypt(self, inputs: Values) -> None:
        wanted = inputs.get("serverSideEncryption") or {}
        client, name = self.client(inputs), inputs["name"]
        if not wanted.get("enabled"):
            client.stop_delivery_stream_encryption(DeliveryStreamName=name)
            return
        client.start_delivery_stream_encryption(
            DeliveryStreamName=name, DeliveryStreamEncryptionConfigurationInput=_encryption(wanted)
        )

    def _outputs(self, arn: str, inputs: Values) -> Values:
        return {"name": inputs["name"], "arn": arn, "tagsAll": inputs.get("tags") or {}}


def _only_extended_s3(inputs: Values) -> None:
    if inputs["destination"] != "extended_s3" or S3 not in inputs:
        raise ValueError(f"a delivery stream to '{inputs['destination']}' is not known here, only to 'extended_s3'")


def _encryption(wanted: Values) -> dict[str, str]:
    key = {"KeyARN": wanted["keyArn"]} if wanted.get("keyArn") else {}
    return {"KeyType": wanted.get("keyType", "AWS_OWNED_CMK"), **key}
