"""The operations of Firehose's API: a JSON request in, a JSON answer out, or an ApiError.

Limits: <https://docs.aws.amazon.com/firehose/latest/dev/limits.html> and the API reference.
"""

import base64
import binascii
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from embedded.runtime.firehose.delivery import DeliveryStream
from embedded.runtime.firehose.errors import ApiError, invalid, validation
from embedded.runtime.firehose.streams import DeliveryStreams

RECORDS_A_CALL = 500
BYTES_A_CALL = 4 * 1024 * 1024
BYTES_A_RECORD = 1000 * 1024
TAGS = 50

Json = dict[str, Any]


def operations(streams: DeliveryStreams) -> dict[str, Callable[[Json], Json]]:
    """The operations by name, on these streams."""
    return {
        "CreateDeliveryStream": lambda request: {"DeliveryStreamARN": streams.create(request).arn},
        "DescribeDeliveryStream": lambda request: {
            "DeliveryStreamDescription": _named(streams, request).definition.described()
        },
        "ListDeliveryStreams": lambda request: _list(streams, request),
        "UpdateDestination": lambda request: _nothing(streams.update(request)),
        "DeleteDeliveryStream": lambda request: _nothing(streams.delete(request["DeliveryStreamName"])),
        "PutRecord": lambda request: _put_record(streams, request),
        "PutRecordBatch": lambda request: _put_record_batch(streams, request),
        "TagDeliveryStream": lambda request: _tag(streams, request),
        "UntagDeliveryStream": lambda request: _untag(streams, request),
        "ListTagsForDeliveryStream": lambda request: _list_tags(streams, request),
        "StartDeliveryStreamEncryption": lambda request: _encrypt(
            streams, request, request.get("DeliveryStreamEncryptionConfigurationInput") or {"KeyType": "AWS_OWNED_CMK"}
        ),
        "StopDeliveryStreamEncryption": lambda request: _encrypt(streams, request, None),
    }


def _named(streams: DeliveryStreams, request: Json) -> DeliveryStream:
    if not request.get("DeliveryStreamName"):
        raise validation("Value null at 'deliveryStreamName' failed to satisfy constraint: Member must not be null")
    return streams.get(request["DeliveryStreamName"])


def _put_record(streams: DeliveryStreams, request: Json) -> Json:
    stream = _named(streams, request)
    _put(stream, [_decoded(request.get("Record"), 1)])
    return {"RecordId": _record_id(), "Encrypted": stream.definition.encryption is not None}


def _put_record_batch(streams: DeliveryStreams, request: Json) -> Json:
    stream = _named(streams, request)
    entries = request.get("Records")
    if not isinstance(entries, list) or not 1 <= len(entries) <= RECORDS_A_CALL:
        raise validation(
            f"Value at 'records' failed to satisfy constraint: Member must have length between 1 and {RECORDS_A_CALL}"
        )
    records = [_decoded(entry, number) for number, entry in enumerate(entries, 1)]
    if sum(map(len, records)) > BYTES_A_CALL:
        raise invalid("Records size exceeds 4 MB limit")
    _put(stream, records)
    return {
        "FailedPutCount": 0,
        "Encrypted": stream.definition.encryption is not None,
        "RequestResponses": [{"RecordId": _record_id()} for _ in records],
    }


def _put(stream: DeliveryStream, records: list[bytes]) -> None:
    if stream.definition.source:
        raise invalid(
            f"Delivery stream {stream.definition.name} has a Kinesis stream as its source: records can not be put to it"
        )
    if stream.full:
        raise ApiError("ServiceUnavailableException", "Slow down.", status=503)
    stream.put(records)


def _decoded(entry: Any, number: int) -> bytes:
    where = f"'records.{number}.member.data'"
    if not isinstance(entry, dict) or not isinstance(entry.get("Data"), str):
        raise validation(f"Value null at {where} failed to satisfy constraint: Member must not be null")
    try:
        data = base64.b64decode(entry["Data"], validate=True)
    except binascii.Error as error:
        raise ApiError("SerializationException", f"{where} is not base64") from error
    if len(data) > BYTES_A_RECORD:
        raise validation(
            f"Value at {where} failed to satisfy constraint: Member must have length less than or equal to "
            f"{BYTES_A_RECORD}"
        )
    return data


def _list(streams: DeliveryStreams, request: Json) -> Json:
    limit = request.get("Limit", 10)
    if not 1 <= limit <= 10_000:
        raise validation("Value at 'limit' failed to satisfy constraint: Member must be between 1 and 10000")
    after, kind = request.get("ExclusiveStartDeliveryStreamName", ""), request.get("DeliveryStreamType")
    names = [
        name
        for name in streams.names()
        if name > after
        and kind in (None, "KinesisStreamAsSource" if streams.get(name).definition.source else "DirectPut")
    ]
    return {"DeliveryStreamNames": names[:limit], "HasMoreDeliveryStreams": len(names) > limit}


def _tag(streams: DeliveryStreams, request: Json) -> Json:
    stream = _named(streams, request)
    tags = stream.definition.tags | {tag["Key"]: tag.get("Value", "") for tag in request.get("Tags") or []}
    if len(tags) > TAGS:
        raise ApiError("LimitExceededException", f"A delivery stream has {TAGS} tags at most.")
    streams.change(stream, replace(stream.definition, tags=tags))
    return {}


def _untag(streams: DeliveryStreams, request: Json) -> Json:
    stream = _named(streams, request)
    gone = set(request.get("TagKeys") or [])
    tags = {key: value for key, value in stream.definition.tags.items() if key not in gone}
    streams.change(stream, replace(stream.definition, tags=tags))
    return {}


def _list_tags(streams: DeliveryStreams, request: Json) -> Json:
    limit, after = request.get("Limit", TAGS), request.get("ExclusiveStartTagKey", "")
    tags = sorted((key, value) for key, value in _named(streams, request).definition.tags.items() if key > after)
    return {
        "Tags": [{"Key": key, "Value": value} for key, value in tags[:limit]],
        "HasMoreTags": len(tags) > limit,
    }


def _encrypt(streams: DeliveryStreams, request: Json, encryption: Json | None) -> Json:
    stream = _named(streams, request)
    streams.change(stream, replace(stream.definition, encryption=encryption))
    return {}


def _nothing(_: None) -> Json:
    return {}


def _record_id() -> str:
    return uuid.uuid4().hex
