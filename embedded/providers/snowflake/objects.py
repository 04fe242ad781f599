"""Databases, schemas, warehouses, roles, users and file formats."""

# ruff: noqa: ARG002 - all resource types are called alike

import base64
import binascii
import shutil
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from embedded.providers.contract import Known, Values
from embedded.providers.snowflake.account import SnowflakeError, parts
from embedded.providers.snowflake.base import InSchema, SnowflakeProvider
from embedded.snowflake.catalogue import quoted

WITHIN_SCHEMA = ("TABLE", "STAGE", "PIPE", "FILE FORMAT")
PUBLIC = "PUBLIC"  # the schema every database begins with


class Container(SnowflakeProvider):
    """What holds other objects: they go with it, and so do their rows."""

    within: ClassVar[tuple[str, ...]]

    def unmade(self, known: Known) -> None:
        catalogue = self.account.catalogue
        for kind in self.within:
            for name in catalogue.list(kind):
                if name.startswith(f"{known.id}."):
                    catalogue.drop(kind, name)
        shutil.rmtree(self.account.folder.joinpath(*parts(known.id)), ignore_errors=True)


class Database(Container):
    kind = "DATABASE"
    within = (*WITHIN_SCHEMA, "SCHEMA")
    immutable = frozenset({"name", "isTransient"})
    aside = ("isTransient", "dropPublicSchemaOnCreation")
    options: ClassVar = {
        "dataRetentionTimeInDays": "DATA_RETENTION_TIME_IN_DAYS",
        "maxDataExtensionTimeInDays": "MAX_DATA_EXTENSION_TIME_IN_DAYS",
        "logLevel": "LOG_LEVEL",
        "comment": "COMMENT",
    }

    def made(self, full_name: str, inputs: Values) -> Values:
        if not inputs.get("dropPublicSchemaOnCreation"):
            properties = {"name": PUBLIC, "database": inputs["name"]}
            self.account.catalogue.put("SCHEMA", quoted(inputs["name"], PUBLIC), properties)
        return {}


class Schema(Container):
    kind = "SCHEMA"
    scope = ("database",)
    within = WITHIN_SCHEMA
    immutable = frozenset({"name", "database", "isTransient"})
    identity = ("database", "name")
    aside = ("isTransient", "withManagedAccess")
    options: ClassVar = {
        "dataRetentionTimeInDays": "DATA_RETENTION_TIME_IN_DAYS",
        "maxDataExtensionTimeInDays": "MAX_DATA_EXTENSION_TIME_IN_DAYS",
        "logLevel": "LOG_LEVEL",
        "comment": "COMMENT",
    }

    def body(self, inputs: Values) -> str:
        managed = " WITH MANAGED ACCESS" if str(inputs.get("withManagedAccess")).lower() == "true" else ""
        return managed + super().body(inputs)


class Warehouse(SnowflakeProvider):
    kind = "WAREHOUSE"
    options: ClassVar = {
        "warehouseType": "WAREHOUSE_TYPE",
        "warehouseSize": "WAREHOUSE_SIZE",
        "autoSuspend": "AUTO_SUSPEND",
        "autoResume": "AUTO_RESUME",
        "initiallySuspended": "INITIALLY_SUSPENDED",
        "minClusterCount": "MIN_CLUSTER_COUNT",
        "maxClusterCount": "MAX_CLUSTER_COUNT",
        "scalingPolicy": "SCALING_POLICY",
        "maxConcurrencyLevel": "MAX_CONCURRENCY_LEVEL",
        "statementTimeoutInSeconds": "STATEMENT_TIMEOUT_IN_SECONDS",
        "statementQueuedTimeoutInSeconds": "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS",
        "resourceMonitor": "RESOURCE_MONITOR",
        "comment": "COMMENT",
    }


class AccountRole(SnowflakeProvider):
    kind = "ROLE"
    options: ClassVar = {"comment": "COMMENT"}

    def unmade(self, known: Known) -> None:
        """Grants to a role go with it."""
        for name, grant in self.account.catalogue.list("GRANT").items():
            if grant.get("role") == known.id:
                self.account.catalogue.drop("GRANT", name)


class ServiceUser(SnowflakeProvider):
    kind = "USER"
    options: ClassVar = {
        "loginName": "LOGIN_NAME",
        "displayName": "DISPLAY_NAME",
        "email": "EMAIL",
        "disabled": "DISABLED",
        "defaultRole": "DEFAULT_ROLE",
        "defaultWarehouse": "DEFAULT_WAREHOUSE",
        "defaultNamespace": "DEFAULT_NAMESPACE",
        "defaultSecondaryRolesOption": "DEFAULT_SECONDARY_ROLES",
        "networkPolicy": "NETWORK_POLICY",
        "queryTag": "QUERY_TAG",
        "timezone": "TIMEZONE",
        "rsaPublicKey": "RSA_PUBLIC_KEY",
        "rsaPublicKey2": "RSA_PUBLIC_KEY_2",
        "comment": "COMMENT",
    }

    def body(self, inputs: Values) -> str:
        return " TYPE = SERVICE" + super().body(inputs)

    def check(self, inputs: Values) -> None:
        """Which role and warehouse are the default is not checked, as in Snowflake."""
        for key in ("rsaPublicKey", "rsaPublicKey2"):
            if inputs.get(key):
                _require_public_key(inputs[key])

    def made(self, full_name: str, inputs: Values) -> Values:
        return {"userType": "SERVICE"}


class FileFormatJson(InSchema):
    kind = "FILE FORMAT"
    options: ClassVar = {
        "compression": "COMPRESSION",
        "dateFormat": "DATE_FORMAT",
        "timeFormat": "TIME_FORMAT",
        "timestampFormat": "TIMESTAMP_FORMAT",
        "binaryFormat": "BINARY_FORMAT",
        "trimSpace": "TRIM_SPACE",
        "multiLine": "MULTI_LINE",
        "nullIfs": "NULL_IF",
        "fileExtension": "FILE_EXTENSION",
        "enableOctal": "ENABLE_OCTAL",
        "allowDuplicate": "ALLOW_DUPLICATE",
        "stripOuterArray": "STRIP_OUTER_ARRAY",
        "stripNullValues": "STRIP_NULL_VALUES",
        "replaceInvalidCharacters": "REPLACE_INVALID_CHARACTERS",
        "ignoreUtf8Errors": "IGNORE_UTF8_ERRORS",
        "skipByteOrderMark": "SKIP_BYTE_ORDER_MARK",
        "comment": "COMMENT",
    }

    def body(self, inputs: Values) -> str:
        return " TYPE = JSON" + self.option_text(inputs)


def _require_public_key(text: str) -> None:
    """Snowflake takes the key's text without PEM's first and last line."""
    try:
        key = load_der_public_key(base64.b64decode("".join(text.split()), validate=True))
    except (binascii.Error, ValueError) as problem:
        raise SnowflakeError(
            "New public key rejected by current policy. Reason: 'Invalid public key'. It must be an RSA public key in "
            "PEM without the lines that begin with -----"
        ) from problem
    if not isinstance(key, RSAPublicKey):
        raise SnowflakeError("New public key rejected by current policy. Reason: 'Not an RSA key'")
