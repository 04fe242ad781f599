"""DynamoDB tables."""

from typing import Any, ClassVar

from embedded.providers.aws import AwsProvider, tag_list
from embedded.providers.contract import Known, Values

ON_DEMAND, PROVISIONED = "PAY_PER_REQUEST", "PROVISIONED"
WAIT = {"Delay": 0.1, "MaxAttempts": 600}  # seconds between looks: the emulator is quick


class Table(AwsProvider):
    """A table without indexes. One that is protected against deletion is kept, as AWS does."""

    service = "dynamodb"
    tagged = True
    immutable = frozenset({"name", "hashKey", "rangeKey", "attributes"})
    identity = ("name",)
    rename: ClassVar = {"name": "TableName", "attributes": "AttributeDefinitions"}
    # Attributes of an index and of a key are alike in Pulumi: only keys are left here.
    aside = (
        "hashKey",
        "rangeKey",
        "readCapacity",
        "writeCapacity",
        "streamEnabled",
        "streamViewType",
        "serverSideEncryption",
        "ttl",
        "pointInTimeRecovery",
        "tags",
    )

    def make(self, inputs: Values) -> tuple[str, Values]:
        client = self.client(inputs)
        attributes = [
            {"AttributeName": each["name"], "AttributeType": each["type"]} for each in inputs.get("attributes") or []
        ]
        client.create_table(
            **self.fit("create_table", inputs, "attributes", "billingMode"),
            AttributeDefinitions=attributes,
            KeySchema=_keys(inputs),
            Tags=tag_list(inputs.get("tags") or {}),
            **_billing(inputs),
            **({"StreamSpecification": _stream(inputs)} if inputs.get("streamEnabled") else {}),
            **({"SSESpecification": _encryption(inputs)} if _encryption(inputs)["Enabled"] else {}),
        )
        client.get_waiter("table_exists").wait(TableName=inputs["name"], WaiterConfig=WAIT)
        self._settings({}, inputs)
        return inputs["name"], self._outputs(inputs)

    def change(self, known: Known, inputs: Values) -> Values:
        before = known.inputs
        protected = bool(inputs.get("deletionProtectionEnabled"))
        if _billing(before) != _billing(inputs):
            self._update(inputs, **_billing(inputs))
        if bool(before.get("deletionProtectionEnabled")) != protected:
            self._update(inputs, DeletionProtectionEnabled=protected)
        if before.get("tableClass") != inputs.get("tableClass"):
            self._update(inputs, TableClass=inputs.get("tableClass") or "STANDARD")
        if _encryption(before) != _encryption(inputs):
            self._update(inputs, SSESpecification=_encryption(inputs))
        if _stream(before) != _stream(inputs):
            if before.get("streamEnabled") and inputs.get("streamEnabled"):
                self._update(inputs, StreamSpecification={"StreamEnabled": False})  # images are fixed for a stream
            self._update(inputs, StreamSpecification=_stream(inputs))
        self._settings(before, inputs)
        outputs = self._outputs(inputs)
        tags, gone = self.tag_changes(known, inputs)
        if gone:
            self.client(inputs).untag_resource(ResourceArn=outputs["arn"], TagKeys=gone)
        if tags:
            self.client(inputs).tag_resource(ResourceArn=outputs["arn"], Tags=tag_list(tags))
        return outputs

    def remove(self, known: Known) -> None:
        client = self.client(known.inputs)
        client.delete_table(TableName=known.id)
        client.get_waiter("table_not_exists").wait(TableName=known.id, WaiterConfig=WAIT)

    def look_up(self, inputs: Values) -> str | None:
        return self.client(inputs).describe_table(TableName=inputs["name"])["Table"]["TableName"]

    def _update(self, inputs: Values, **changes: Any) -> None:
        client = self.client(inputs)
        client.update_table(TableName=inputs["name"], **changes)
        client.get_waiter("table_exists").wait(TableName=inputs["name"], WaiterConfig=WAIT)

    def _settings(self, before: Values, inputs: Values) -> None:
        """What a table is not created with but given afterwards."""
        client, name = self.client(inputs), inputs["name"]
        for ttl in _changed_ttl(before.get("ttl") or {}, inputs.get("ttl") or {}):
            client.update_time_to_live(TableName=name, TimeToLiveSpecification=ttl)
        old, new = (each.get("pointInTimeRecovery") or {} for each in (before, inputs))
        if old != new and (old.get("enabled") or new.get("enabled")):
            days = {"RecoveryPeriodInDays": new["recoveryPeriodInDays"]} if new.get("recoveryPeriodInDays") else {}
            client.update_continuous_backups(
                TableName=name,
                PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": bool(new.get("enabled")), **days},
            )

    def _outputs(self, inputs: Values) -> Values:
        found = self.client(inputs).describe_table(TableName=inputs["name"])["Table"]
        streaming = (found.get("StreamSpecification") or {}).get("StreamEnabled")
        return {
            "name": inputs["name"],
            "arn": found["TableArn"],
            "streamArn": found["LatestStreamArn"] if streaming else "",
            "streamLabel": found["LatestStreamLabel"] if streaming else "",
            "tagsAll": inputs.get("tags") or {},
        }


def _keys(inputs: Values) -> list[dict[str, str]]:
    roles = (("hashKey", "HASH"), ("rangeKey", "RANGE"))
    return [{"AttributeName": inputs[key], "KeyType": role} for key, role in roles if inputs.get(key)]


def _billing(inputs: Values) -> dict[str, Any]:
    if (inputs.get("billingMode") or PROVISIONED) == ON_DEMAND:
        return {"BillingMode": ON_DEMAND}
    units = {"ReadCapacityUnits": inputs.get("readCapacity"), "WriteCapacityUnits": inputs.get("writeCapacity")}
    return {"BillingMode": PROVISIONED, "ProvisionedThroughput": units}


def _stream(inputs: Values) -> dict[str, Any]:
    if not inputs.get("streamEnabled"):
        return {"StreamEnabled": False}
    return {"StreamEnabled": True, "StreamViewType": inputs["streamViewType"]}


def _encryption(inputs: Values) -> dict[str, Any]:
    """With a key of the account; without it DynamoDB encrypts with a key of its own."""
    wanted = inputs.get("serverSideEncryption") or {}
    if not wanted.get("enabled"):
        return {"Enabled": False}
    key = {"KMSMasterKeyId": wanted["kmsKeyArn"]} if wanted.get("kmsKeyArn") else {}
    return {"Enabled": True, "SSEType": "KMS", **key}


def _changed_ttl(before: Values, after: Values) -> list[dict[str, Any]]:
    """The steps from one setting to the other: an attribute can not be exchanged for another at once."""
    old, new = (each.get("attributeName") if each.get("enabled", True) else None for each in (before, after))
    if old == new:
        return []
    off = [{"Enabled": False, "AttributeName": old}] if old else []
    return off + ([{"Enabled": True, "AttributeName": new}] if new else [])
