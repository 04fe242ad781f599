"""PutRecords without the SDK's client, which takes ten times as long for a call as the collector does for all else.

Where the service is and who calls is the SDK's to say. The call itself is JSON both ways.
https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
"""

from typing import Any

import boto3
import orjson
from botocore.config import Config
from botocore.exceptions import ClientError
from pybase64 import b64encode_as_string

from shared.connection import Connection
from shared.signature import Signer

HEADERS = {
    "content-type": "application/x-amz-json-1.1",
    "user-agent": "headrace",
    "x-amz-target": "Kinesis_20131202.PutRecords",
}


class Kinesis:
    """In place of a client, for PutRecords alone: one attempt, and the errors of a client.

    connect_seconds, read_seconds: time-outs.
    """

    def __init__(self, connect_seconds: float, read_seconds: float) -> None:
        session = boto3.Session()
        # Once, to find out where the service is: in every partition, with every variable that leads elsewhere.
        found = session.client("kinesis", config=Config(retries={"total_max_attempts": 1})).meta
        self._credentials = session.get_credentials()
        self._connection = Connection(found.endpoint_url, connect_seconds, read_seconds)
        self._signer = Signer("kinesis", found.region_name, {**HEADERS, "host": self._connection.host})

    def put_records(self, **request: Any) -> dict[str, Any]:
        """The answer, as JSON has it. request: StreamName and Records; raises botocore's errors."""
        records = [{**each, "Data": b64encode_as_string(each["Data"])} for each in request["Records"]]
        body = orjson.dumps({**request, "Records": records})
        headers = self._signer.signed(body, self._credentials.get_frozen_credentials())
        status, said = self._connection.post(headers, body)
        if status != 200:
            raise ClientError({"Error": _error(said, status)}, "PutRecords")
        return orjson.loads(said)


def _error(said: bytes, status: int) -> dict[str, str]:
    """What a refusal says; one without words (of a proxy, say) is known by its status."""
    try:
        found = orjson.loads(said)
        return {"Code": found["__type"].rpartition("#")[2], "Message": str(found.get("message", ""))}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {"Code": str(status), "Message": ""}
