"""Storage integrations and external stages: how the account reads an S3 bucket."""

# ruff: noqa: ARG002 - all resource types are called alike

import hashlib
from typing import Any, ClassVar

from botocore.exceptions import BotoCoreError, ClientError

from embedded.providers.contract import Known, Values
from embedded.providers.snowflake import identity
from embedded.providers.snowflake.account import SnowflakeError, full
from embedded.providers.snowflake.base import InSchema, SnowflakeProvider
from embedded.snowflake.catalogue import quoted


class StorageIntegrationAws(SnowflakeProvider):
    kind = "STORAGE INTEGRATION"
    options: ClassVar = {
        "storageProvider": "STORAGE_PROVIDER",
        "enabled": "ENABLED",
        "storageAwsRoleArn": "STORAGE_AWS_ROLE_ARN",
        "storageAwsExternalId": "STORAGE_AWS_EXTERNAL_ID",
        "storageAwsObjectAcl": "STORAGE_AWS_OBJECT_ACL",
        "storageAllowedLocations": "STORAGE_ALLOWED_LOCATIONS",
        "storageBlockedLocations": "STORAGE_BLOCKED_LOCATIONS",
        "comment": "COMMENT",
    }

    def check(self, inputs: Values) -> None:
        for location in inputs["storageAllowedLocations"]:
            if location != "*" and not location.startswith("s3://"):
                raise SnowflakeError(
                    f"SQL compilation error: invalid value ['{location}'] for STORAGE_ALLOWED_LOCATIONS"
                )

    def body(self, inputs: Values) -> str:
        return " TYPE = EXTERNAL_STAGE" + super().body(inputs)

    def made(self, full_name: str, inputs: Values) -> Values:
        try:
            user = identity.create()
        except (ClientError, BotoCoreError) as problem:
            raise self.account.cloud.translated(problem) from problem
        return {"describeOutputs": [_described(inputs, user, inputs.get("storageAwsExternalId") or _id(full_name))]}

    def changed(self, known: Known, stands: Values, inputs: Values) -> Values:
        """The user stays, and so does an external id that was not given."""
        described = stands["describeOutputs"][0]
        external_id = inputs.get("storageAwsExternalId") or described["externalId"]
        return {"describeOutputs": [_described(inputs, described["iamUserArn"], external_id)]}

    def unmade(self, known: Known) -> None:
        if set(self.account.catalogue.list(self.kind)) == {known.id}:
            self.account.cloud.require_reachable()
            try:
                identity.delete()
            except BotoCoreError as problem:
                raise self.account.cloud.translated(problem) from problem


class StageExternalS3(InSchema):
    kind = "STAGE"
    aside = ("fileFormat", "storageIntegration")
    options: ClassVar = {"url": "URL", "comment": "COMMENT"}

    def check(self, inputs: Values) -> None:
        super().check(inputs)
        url = inputs["url"]
        if not url.startswith("s3://"):
            raise SnowflakeError(f"SQL compilation error: invalid URL prefix found in: '{url}'")
        if inputs.get("storageIntegration"):
            name = quoted(inputs["storageIntegration"])
            self.account.require("STORAGE INTEGRATION", name)
            allowed = self.account.catalogue.get("STORAGE INTEGRATION", name)["storageAllowedLocations"]
            if not any(place == "*" or url.startswith(place) for place in allowed):
                raise SnowflakeError(f"Location '{url}' is not allowed by integration '{inputs['storageIntegration']}'")
        if format_name := (inputs.get("fileFormat") or {}).get("formatName"):
            self.account.require("FILE FORMAT", full(format_name))

    def body(self, inputs: Values) -> str:
        integration, form = inputs.get("storageIntegration"), inputs.get("fileFormat") or {}
        clause = f" STORAGE_INTEGRATION = {quoted(integration)}" if integration else ""
        if form.get("formatName"):
            clause += f" FILE_FORMAT = (FORMAT_NAME = {full(form['formatName'])})"
        elif form:
            raise ValueError("a stage's file format is given by its name here, as `format_name`")
        return self.option_text(inputs) + clause

    def made(self, full_name: str, inputs: Values) -> Values:
        return {"cloud": "AWS", "stageType": "EXTERNAL"}

    def changed(self, known: Known, stands: Values, inputs: Values) -> Values:
        return self.made(known.id, inputs)

    def alterations(self, before: Values, after: Values) -> list[str]:
        if before == after:
            return []
        return [f"SET{self.body(after)}"]


def _described(inputs: Values, user: str, external_id: str) -> dict[str, Any]:
    return {
        "enabled": inputs["enabled"],
        "provider": inputs["storageProvider"],
        "allowedLocations": inputs["storageAllowedLocations"],
        "blockedLocations": inputs.get("storageBlockedLocations") or [],
        "iamUserArn": user,
        "roleArn": inputs["storageAwsRoleArn"],
        "externalId": external_id,
    }


def _id(full_name: str) -> str:
    """An external id in Snowflake's form, that stays as long as the integration's name does."""
    return f"HEADRACE_SFCRole=1_{hashlib.sha256(full_name.encode()).hexdigest()[:24]}="
