"""What makes a delivery stream, what does not, and that it survives on disk."""

from typing import Any

import pytest

from embedded.runtime.firehose.definition import MEBIBYTE, Definition
from embedded.runtime.firehose.errors import ApiError

S3 = {
    "RoleARN": "arn:aws:iam::000000000000:role/deliver",
    "BucketARN": "arn:aws:s3:::lake",
    "Prefix": "raw/",
    "BufferingHints": {"SizeInMBs": 4, "IntervalInSeconds": 0},
    "CompressionFormat": "GZIP",
    "ProcessingConfiguration": {
        "Enabled": True,
        "Processors": [
            {
                "Type": "AppendDelimiterToRecord",
                "Parameters": [{"ParameterName": "Delimiter", "ParameterValue": "\\n"}],
            }
        ],
    },
}


def requested(**changes: Any) -> Definition:
    request = {"DeliveryStreamName": "raw", "ExtendedS3DestinationConfiguration": S3, **changes}
    return Definition.requested(request, "us-east-1", "000000000000")


def with_s3(**changes: Any) -> Definition:
    return requested(ExtendedS3DestinationConfiguration={**S3, **changes})


def test_the_destination_says_what_delivery_needs():
    destination = requested().destination
    assert (destination.bucket, destination.prefix, destination.extension) == ("lake", "raw/", ".gz")
    assert (destination.size, destination.interval, destination.delimiter) == (4 * MEBIBYTE, 0, b"\n")


def test_without_hints_awss_own_defaults_hold():
    destination = with_s3(BufferingHints={}).destination
    assert (destination.size, destination.interval) == (5 * MEBIBYTE, 300)


@pytest.mark.parametrize(
    "changes",
    [
        {"BufferingHints": {"SizeInMBs": 0, "IntervalInSeconds": 60}},
        {"BufferingHints": {"SizeInMBs": 129, "IntervalInSeconds": 60}},
        {"BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 901}},
        {"CompressionFormat": "Snappy"},
        {"Prefix": "!{timestamp:yyyy}/"},
        {"DynamicPartitioningConfiguration": {"Enabled": True}},
        {"S3BackupMode": "Enabled"},
        {"ProcessingConfiguration": {"Enabled": True, "Processors": [{"Type": "Lambda"}]}},
    ],
)
def test_what_is_out_of_bounds_or_not_embedded_is_refused_at_once(changes):
    with pytest.raises(ApiError):
        with_s3(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"DeliveryStreamName": "no blanks"},
        {"DeliveryStreamName": ""},
        {"DeliveryStreamType": "KinesisStreamAsSource"},
        {"DeliveryStreamType": "MSKAsSource"},
        {"ExtendedS3DestinationConfiguration": None},
    ],
)
def test_a_stream_that_makes_no_sense_is_refused(changes):
    with pytest.raises(ApiError):
        requested(**changes)


def test_an_update_keeps_the_rest_and_counts_versions():
    changed = requested().updated_by(
        {"CurrentDeliveryStreamVersionId": "1", "ExtendedS3DestinationUpdate": {"Prefix": "other/"}}
    )
    assert changed.destination.prefix == "other/"
    assert changed.destination.size == 4 * MEBIBYTE
    assert changed.described()["VersionId"] == "2"


def test_an_update_of_another_version_is_refused():
    with pytest.raises(ApiError) as refused:
        requested().updated_by({"CurrentDeliveryStreamVersionId": "7", "ExtendedS3DestinationUpdate": {"Prefix": "x"}})
    assert refused.value.code == "ConcurrentModificationException"


def test_a_definition_is_the_same_after_a_restart(tmp_path):
    source = {"KinesisStreamARN": "arn:aws:kinesis:us-east-1:000000000000:stream/events", "RoleARN": S3["RoleARN"]}
    definition = requested(
        DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration=source,
        Tags=[{"Key": "project", "Value": "headrace"}],
    )
    definition.save(tmp_path)
    assert Definition.load(tmp_path) == definition
    assert (
        definition.described()["Source"]["KinesisStreamSourceDescription"]["KinesisStreamARN"]
        == source["KinesisStreamARN"]
    )
