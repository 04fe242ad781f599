"""What is set on an S3 bucket: one resource type a setting, each put as a whole."""

# ruff: noqa: ARG002 - all resource types are called alike

import json
import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from embedded.providers.aws import AwsProvider
from embedded.providers.cloud import text
from embedded.providers.contract import Known, Values

SECURE_TRANSPORT = "aws:SecureTransport"
LOOPBACK = "127.0.0.0/8"


class BucketSetting(AwsProvider):
    """noun: of `put_<noun>`, `get_<noun>` and `delete_<noun>`. parameter: what holds the setting in the put, with the
    inputs of `within` inside it; the other inputs stand beside it."""

    service = "s3"
    named = ""
    immutable = frozenset({"bucket", "expectedBucketOwner"})
    identity = ("bucket",)
    noun: ClassVar[str]
    parameter: ClassVar[str] = ""
    within: ClassVar[tuple[str, ...]] = ()

    def make(self, inputs: Values) -> tuple[str, Values]:
        return inputs["bucket"], self.change(Known(inputs["bucket"], {}, {}), inputs)

    def change(self, known: Known, inputs: Values) -> Values:
        put = f"put_{self.noun}"
        inner = {key: value for key, value in inputs.items() if key in self.within}
        outer = {key: value for key, value in inputs.items() if key not in self.within}
        wrapped = {**outer, self.parameter: inner} if self.parameter else outer
        getattr(self.client(inputs), put)(**self.fit(put, wrapped))
        return {}

    def remove(self, known: Known) -> None:
        getattr(self.client(known.inputs), f"delete_{self.noun}")(Bucket=known.id)

    def look_up(self, inputs: Values) -> str | None:
        getattr(self.client(inputs), f"get_{self.noun}")(Bucket=inputs["bucket"])
        return inputs["bucket"]


class BucketVersioning(BucketSetting):
    noun = "bucket_versioning"
    rename: ClassVar = {"mfaDelete": "MFADelete"}

    def remove(self, known: Known) -> None:
        """Versioning can not be taken away, only suspended."""
        self.client(known.inputs).put_bucket_versioning(
            Bucket=known.id, VersioningConfiguration={"Status": "Suspended"}
        )


class BucketServerSideEncryptionConfiguration(BucketSetting):
    noun = "bucket_encryption"
    parameter = "serverSideEncryptionConfiguration"
    within = ("rules",)


class BucketPublicAccessBlock(BucketSetting):
    noun = "public_access_block"
    parameter = "publicAccessBlockConfiguration"
    within = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    aside = ("skipDestroy",)

    def remove(self, known: Known) -> None:
        if not known.inputs.get("skipDestroy"):
            super().remove(known)


class BucketOwnershipControls(BucketSetting):
    noun = "bucket_ownership_controls"
    parameter = "ownershipControls"
    within = ("rule",)


class BucketLifecycleConfiguration(BucketSetting):
    noun = "bucket_lifecycle_configuration"
    parameter = "lifecycleConfiguration"
    within = ("rules",)

    def remove(self, known: Known) -> None:
        self.client(known.inputs).delete_bucket_lifecycle(Bucket=known.id)


class BucketPolicy(BucketSetting):
    noun = "bucket_policy"

    def change(self, known: Known, inputs: Values) -> Values:
        policy = text(inputs["policy"])
        super().change(known, {**inputs, "policy": reachable_without_tls(policy)})
        return {"policy": policy}


class BucketNotification(BucketSetting):
    """Where a bucket's events go."""

    noun = "bucket_notification_configuration"
    kinds: ClassVar[Mapping[str, tuple[str, str]]] = MappingProxyType(
        {
            "lambdaFunctions": ("LambdaFunctionConfigurations", "lambdaFunctionArn"),
            "queues": ("QueueConfigurations", "queueArn"),
            "topics": ("TopicConfigurations", "topicArn"),
        }
    )
    known_keys: ClassVar = frozenset({"id", "events", "filterPrefix", "filterSuffix"})

    def change(self, known: Known, inputs: Values) -> Values:
        rest = inputs.keys() - self.kinds.keys() - {"bucket", "region", "eventbridge"}
        if rest:
            raise ValueError(f"input '{min(rest)}' fits no parameter of a bucket's notifications")
        wanted: dict[str, Any] = {
            member: [self._target(item, arn) for item in inputs[kind]]
            for kind, (member, arn) in self.kinds.items()
            if inputs.get(kind)
        }
        if inputs.get("eventbridge"):
            wanted["EventBridgeConfiguration"] = {}
        self.client(inputs).put_bucket_notification_configuration(
            Bucket=inputs["bucket"], NotificationConfiguration=wanted
        )
        return {}

    def remove(self, known: Known) -> None:
        self.client(known.inputs).put_bucket_notification_configuration(Bucket=known.id, NotificationConfiguration={})

    def _target(self, item: Values, arn: str) -> dict[str, Any]:
        if rest := item.keys() - self.known_keys - {arn}:
            raise ValueError(f"input '{min(rest)}' fits no parameter of a bucket's notification")
        rules = [
            {"Name": name, "Value": item[key]}
            for name, key in (("prefix", "filterPrefix"), ("suffix", "filterSuffix"))
            if item.get(key)
        ]
        return {
            **({"Id": item["id"]} if item.get("id") else {}),
            arn[0].upper() + arn[1:]: item[arn],
            "Events": item["events"],
            **({"Filter": {"Key": {"FilterRules": rules}}} if rules else {}),
        }


def reachable_without_tls(policy: str) -> str:
    """The policy with its demands for TLS limited to requests from elsewhere, where the cloud has an http address:
    the emulator speaks no TLS, and would refuse everyone but root."""
    if not os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://"):
        return policy
    document = json.loads(policy)
    statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    for statement in statements:
        tests = statement.get("Condition", {}).get("Bool", {})
        if statement["Effect"] == "Deny" and str(tests.get(SECURE_TRANSPORT, "")).lower() == "false":
            statement["Condition"].setdefault("NotIpAddress", {})["aws:SourceIp"] = LOOPBACK
    return json.dumps(document)
