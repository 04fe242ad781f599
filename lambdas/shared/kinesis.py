"""PutRecords without the SDK's client, which takes ten times as long for a call as the collector does for all else.

What is the SDK's is signing, and HTTP: connections, TLS, time-outs. Ours is the call itself, which is JSON both ways.
https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
"""

import base64
import socket
from typing import Any

import boto3
import orjson
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session

OPTIONS = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
HEADERS = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "Kinesis_20131202.PutRecords"}


class Kinesis:
    """In place of a client, for PutRecords alone: one attempt, and the errors of a client.

    connect_seconds, read_seconds: time-outs.
    """

    def __init__(self, connect_seconds: float, read_seconds: float) -> None:
        session = boto3.Session()
        # Once, to find out where the service is: in every partition, with every variable that leads elsewhere.
        found = session.client("kinesis", config=Config(retries={"total_max_attempts": 1})).meta
        self._url: str = found.endpoint_url
        self._signer = SigV4Auth(session.get_credentials(), "kinesis", found.region_name)
        self._http = URLLib3Session(timeout=(connect_seconds, read_seconds), socket_options=OPTIONS)

    def put_records(self, **request: Any) -> dict[str, Any]:
        """The answer, as JSON has it. request: StreamName and Records; raises botocore's errors."""
        records = [{**each, "Data": base64.b64encode(each["Data"]).decode()} for each in request["Records"]]
        call = AWSRequest("POST", self._url + "/", HEADERS, orjson.dumps({**request, "Records": records}))
        self._signer.add_auth(call)
        response = self._http.send(call.prepare())
        if response.status_code != 200:
            raise ClientError({"Error": _error(response.content, response.status_code)}, "PutRecords")
        return orjson.loads(response.content)


def _error(said: bytes, status: int) -> dict[str, str]:
    """What a refusal says; one without words (of a proxy, say) is known by its status."""
    try:
        found = orjson.loads(said)
        return {"Code": found["__type"].rpartition("#")[2], "Message": str(found.get("message", ""))}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {"Code": str(status), "Message": ""}
