"""Lambda functions and who may invoke them."""

from typing import Any, ClassVar

import pulumi

from embedded.providers.archives import archive_bytes, digest
from embedded.providers.aws import AwsProvider
from embedded.providers.contract import Known, Values

SOURCES = ("s3Bucket", "s3Key", "s3ObjectVersion", "imageUri")
UNRESERVED = -1
WAIT = {"Delay": 0.1, "MaxAttempts": 600}  # seconds between looks: the emulator is quick


class Function(AwsProvider):
    service = "lambda"
    tagged = True
    immutable = frozenset({"name", "packageType"})
    identity = ("name",)
    rename: ClassVar = {"name": "FunctionName", "kmsKeyArn": "KMSKeyArn", "imageUri": "ImageUri"}
    aside = (
        "code",
        *SOURCES,
        "reservedConcurrentExecutions",
        "sourceCodeHash",
        "codeSha256",
        "skipDestroy",
    )

    def make(self, inputs: Values) -> tuple[str, Values]:
        client = self.client(inputs)
        made = client.create_function(**self.fit("create_function", inputs, Code=_code(inputs)))
        if made.get("State") == "Pending":
            client.get_waiter("function_active_v2").wait(FunctionName=inputs["name"], WaiterConfig=WAIT)
        self._reserve(inputs, None)
        return inputs["name"], self._outputs(made, inputs)

    def change(self, known: Known, inputs: Values) -> Values:
        client, name = self.client(inputs), known.id
        if any(known.inputs.get(key) != inputs.get(key) for key in SOURCES) or not _same_code(known, inputs):
            architectures = {"Architectures": inputs["architectures"]} if inputs.get("architectures") else {}
            client.update_function_code(
                FunctionName=name, Publish=bool(inputs.get("publish")), **architectures, **_code(inputs)
            )
            client.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig=WAIT)
        elsewhere = ("tags", "architectures", "packageType", "publish", "codeSigningConfigArn")
        removed = {"environment": {"variables": {}}, "layers": [], "description": ""}
        removed = {key: value for key, value in removed.items() if key in known.inputs and key not in inputs}
        found = client.update_function_configuration(
            **self.fit("update_function_configuration", {**removed, **inputs}, *elsewhere)
        )
        client.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig=WAIT)
        self._reserve(inputs, known.inputs.get("reservedConcurrentExecutions"))
        tags, gone = self.tag_changes(known, inputs)
        if gone:
            client.untag_resource(Resource=self._arn(found), TagKeys=gone)
        if tags:
            client.tag_resource(Resource=self._arn(found), Tags=tags)
        return self._outputs(found, inputs)

    def remove(self, known: Known) -> None:
        if not known.inputs.get("skipDestroy"):
            self.client(known.inputs).delete_function(FunctionName=known.id)

    def look_up(self, inputs: Values) -> str | None:
        found = self.client(inputs).get_function_configuration(FunctionName=inputs["name"])
        return found["FunctionName"]

    def _reserve(self, inputs: Values, before: int | None) -> None:
        """Concurrency kept for this function alone; unreserved is -1 or nothing."""
        wanted = inputs.get("reservedConcurrentExecutions", UNRESERVED)
        if wanted > UNRESERVED:
            self.client(inputs).put_function_concurrency(
                FunctionName=inputs["name"], ReservedConcurrentExecutions=wanted
            )
        elif before is not None and before > UNRESERVED:
            self.client(inputs).delete_function_concurrency(FunctionName=inputs["name"])

    def _outputs(self, found: Values, inputs: Values) -> Values:
        arn, region = self._arn(found), self.region_of(inputs)
        invoke = f"arn:{self.cloud.partition}:apigateway:{region}:lambda:path/2015-03-31/functions"
        return {
            "name": found["FunctionName"],
            "arn": arn,
            "version": found["Version"],
            "qualifiedArn": f"{arn}:{found['Version']}",
            "invokeArn": f"{invoke}/{arn}/invocations",
            "qualifiedInvokeArn": f"{invoke}/{arn}:{found['Version']}/invocations",
            "lastModified": found.get("LastModified", ""),
            "sourceCodeSize": found.get("CodeSize", 0),
            "tagsAll": inputs.get("tags") or {},
        }

    def _arn(self, found: Values) -> str:
        """Without the version that publishing appends."""
        return found["FunctionArn"].removesuffix(f":{found['Version']}")


class Permission(AwsProvider):
    """A statement of a function's policy. It can not be changed, only made anew."""

    service = "lambda"
    named = "statementId"
    identity = ("function", "statementId")
    updatable = False
    rename: ClassVar = {"function": "FunctionName"}

    def make(self, inputs: Values) -> tuple[str, Values]:
        self.client(inputs).add_permission(**self.fit("add_permission", inputs))
        return inputs["statementId"], {"statementId": inputs["statementId"]}

    def remove(self, known: Known) -> None:
        qualifier = {"Qualifier": known.inputs["qualifier"]} if known.inputs.get("qualifier") else {}
        self.client(known.inputs).remove_permission(
            FunctionName=known.inputs["function"], StatementId=known.id, **qualifier
        )

    def look_up(self, inputs: Values) -> str | None:
        policy = self.client(inputs).get_policy(FunctionName=inputs["function"])["Policy"]
        return inputs["statementId"] if f'"{inputs["statementId"]}"' in policy else None


def _code(inputs: Values) -> dict[str, Any]:
    if code := inputs.get("code"):
        return {"ZipFile": archive_bytes(code)}
    names = {"s3Bucket": "S3Bucket", "s3Key": "S3Key", "s3ObjectVersion": "S3ObjectVersion", "imageUri": "ImageUri"}
    return {name: inputs[key] for key, name in names.items() if key in inputs}


def _same_code(known: Known, inputs: Values) -> bool:
    """Whether the archive is the one the record's digest was made from."""
    code = inputs.get("code")
    if not isinstance(code, pulumi.Archive):
        return "code" not in known.inputs
    return known.inputs.get("code") == {"sha256": digest(code)}
