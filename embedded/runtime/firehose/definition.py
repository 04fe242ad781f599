"""What a delivery stream is: its source, its destination, and how they are checked and kept.

The destination stays as the caller gave it (`ExtendedS3DestinationConfiguration` of the API), so that describing the
stream gives everything back; `Destination` is the part of it that delivery goes by.
"""

import json
import re
import time
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from embedded.runtime.firehose.errors import ApiError, invalid, validation
from embedded.runtime.firehose.keys import UnknownExpression, checked

NAME = re.compile(r"[a-zA-Z0-9_.-]{1,64}")
MEBIBYTE = 1024 * 1024
EXTENSIONS = {"UNCOMPRESSED": "", "GZIP": ".gz"}
UNSUPPORTED = ("DataFormatConversionConfiguration", "DynamicPartitioningConfiguration", "S3BackupConfiguration")


@dataclass(frozen=True, kw_only=True)
class Destination:
    """Where and how objects are written. size: bytes of records that fill an object; interval: the seconds they wait
    at most."""

    bucket: str
    role: str
    prefix: str
    error_prefix: str
    size: int
    interval: float
    compression: str
    extension: str
    delimiter: bytes
    log: tuple[str, str] | None

    @classmethod
    def of(cls, configuration: dict[str, Any]) -> "Destination":
        """Reads and checks the API's structure. Raises ApiError where Firehose would refuse it, or where it asks for
        something that is not embedded here."""
        for feature in UNSUPPORTED:
            if (configuration.get(feature) or {}).get("Enabled"):
                raise invalid(f"{feature} is not part of the embedded Firehose")
        if configuration.get("S3BackupMode", "Disabled") != "Disabled":
            raise invalid("S3BackupMode is not part of the embedded Firehose")
        hints = configuration.get("BufferingHints") or {}
        size = _within(hints.get("SizeInMBs", 5), 1, 128, "bufferingHints.sizeInMBs")
        interval = _within(hints.get("IntervalInSeconds", 300), 0, 900, "bufferingHints.intervalInSeconds")
        compression = configuration.get("CompressionFormat", "UNCOMPRESSED")
        if compression not in EXTENSIONS:
            raise invalid(f"CompressionFormat {compression} is not part of the embedded Firehose, only GZIP is")
        prefix, error_prefix = configuration.get("Prefix", ""), configuration.get("ErrorOutputPrefix", "")
        try:
            checked(prefix, error_prefix)
        except UnknownExpression as unknown:
            raise invalid(str(unknown)) from unknown
        logging = configuration.get("CloudWatchLoggingOptions") or {}
        return cls(
            bucket=configuration["BucketARN"].rpartition(":")[2],
            role=configuration["RoleARN"],
            prefix=prefix,
            error_prefix=error_prefix,
            size=size * MEBIBYTE,
            interval=interval,
            compression=compression,
            extension=configuration.get("FileExtension") or EXTENSIONS[compression],
            delimiter=_delimiter(configuration.get("ProcessingConfiguration") or {}),
            log=(logging["LogGroupName"], logging["LogStreamName"]) if logging.get("Enabled") else None,
        )


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A delivery stream. created and updated: epoch seconds; version counts updates from 1."""

    name: str
    arn: str
    source: dict[str, str] | None
    configuration: dict[str, Any]
    created: float
    updated: float
    version: int = 1
    tags: dict[str, str] = field(default_factory=dict)
    encryption: dict[str, str] | None = None

    @classmethod
    def requested(cls, request: dict[str, Any], region: str, account: str) -> "Definition":
        """Reads a CreateDeliveryStream request. Raises ApiError."""
        name = request.get("DeliveryStreamName", "")
        if not NAME.fullmatch(name):
            raise validation(f"Value '{name}' at 'deliveryStreamName' failed to satisfy constraint: {NAME.pattern}")
        configuration = request.get("ExtendedS3DestinationConfiguration") or request.get("S3DestinationConfiguration")
        if not configuration:
            raise invalid("only S3 destinations are part of the embedded Firehose")
        kind = request.get("DeliveryStreamType", "DirectPut")
        source = request.get("KinesisStreamSourceConfiguration")
        if (kind == "KinesisStreamAsSource") != bool(source):
            raise invalid(f"KinesisStreamSourceConfiguration does not fit DeliveryStreamType {kind}")
        if kind not in ("DirectPut", "KinesisStreamAsSource"):
            raise invalid(f"DeliveryStreamType {kind} is not part of the embedded Firehose")
        Destination.of(configuration)
        now = time.time()
        return cls(
            name=name,
            arn=f"arn:aws:firehose:{region}:{account}:deliverystream/{name}",
            source=source and {"stream": source["KinesisStreamARN"], "role": source["RoleARN"]},
            configuration=configuration,
            created=now,
            updated=now,
            tags={tag["Key"]: tag.get("Value", "") for tag in request.get("Tags") or []},
            encryption=request.get("DeliveryStreamEncryptionConfigurationInput"),
        )

    @cached_property
    def destination(self) -> Destination:
        """What delivery goes by."""
        return Destination.of(self.configuration)

    def updated_by(self, request: dict[str, Any]) -> "Definition":
        """This stream after an UpdateDestination request. Raises ApiError."""
        if request.get("CurrentDeliveryStreamVersionId") != str(self.version):
            raise ApiError(
                "ConcurrentModificationException",
                f"Version id {request.get('CurrentDeliveryStreamVersionId')} is not the current one, {self.version}.",
            )
        change = request.get("ExtendedS3DestinationUpdate") or request.get("S3DestinationUpdate")
        if not change:
            raise invalid("only S3 destinations are part of the embedded Firehose")
        configuration = {**self.configuration, **change}
        Destination.of(configuration)
        return replace(self, configuration=configuration, updated=time.time(), version=self.version + 1)

    def described(self) -> dict[str, Any]:
        """The API's DeliveryStreamDescription."""
        encryption = {"Status": "DISABLED"}
        if self.encryption:
            encryption = {"Status": "ENABLED", **self.encryption}
        description: dict[str, Any] = {
            "DeliveryStreamName": self.name,
            "DeliveryStreamARN": self.arn,
            "DeliveryStreamStatus": "ACTIVE",
            "DeliveryStreamEncryptionConfiguration": encryption,
            "DeliveryStreamType": "KinesisStreamAsSource" if self.source else "DirectPut",
            "VersionId": str(self.version),
            "CreateTimestamp": self.created,
            "LastUpdateTimestamp": self.updated,
            "Destinations": [
                {
                    "DestinationId": "destinationId-000000000001",
                    "ExtendedS3DestinationDescription": {
                        "CompressionFormat": "UNCOMPRESSED",
                        "EncryptionConfiguration": {"NoEncryptionConfig": "NoEncryption"},
                        "BufferingHints": {"SizeInMBs": 5, "IntervalInSeconds": 300},
                        "S3BackupMode": "Disabled",
                        **self.configuration,
                    },
                }
            ],
            "HasMoreDestinations": False,
        }
        if self.source:
            description["Source"] = {
                "KinesisStreamSourceDescription": {
                    "KinesisStreamARN": self.source["stream"],
                    "RoleARN": self.source["role"],
                    "DeliveryStartTimestamp": self.created,
                }
            }
        return description

    def save(self, folder: Path) -> None:
        """Writes the definition as `definition.json`, whole or not at all."""
        folder.mkdir(parents=True, exist_ok=True)
        new = folder / "definition.new"
        new.write_text(json.dumps(asdict(self), indent=1))
        new.replace(folder / "definition.json")

    @classmethod
    def load(cls, folder: Path) -> "Definition":
        """Reads what `save` wrote."""
        return cls(**json.loads((folder / "definition.json").read_text()))


def _delimiter(processing: dict[str, Any]) -> bytes:
    """What is appended to each record. Raises ApiError for processors that are not embedded."""
    if not processing.get("Enabled"):
        return b""
    delimiter = b""
    for processor in processing.get("Processors") or []:
        if processor["Type"] != "AppendDelimiterToRecord":
            raise invalid(f"the processor {processor['Type']} is not part of the embedded Firehose")
        parameters = {entry["ParameterName"]: entry["ParameterValue"] for entry in processor.get("Parameters") or []}
        delimiter = parameters.get("Delimiter", "\\n").replace("\\n", "\n").encode()
    return delimiter


def _within(value: int, least: int, most: int, name: str) -> int:
    if not least <= value <= most:
        raise validation(
            f"Value '{value}' at '{name}' failed to satisfy constraint: Member must be between {least} and {most}"
        )
    return value
