"""A signed call of AWS's JSON protocol, without the SDK's parsing.

GetRecords hands out thousands of records. The SDK makes bytes of each record's data and an object of each time, which
the function's event then has as text and number again: that took most of a reader's processor time.
"""

import os
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any

import orjson
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError, EndpointConnectionError

TIMEOUT_SECONDS = 30.0
LONGEST_ERROR = 200  # bytes of an answer that nobody understands that are shown


class Wire:
    """One service's endpoint, over one connection. For one thread at a time.

    signing_name: the service in signatures. target: what stands before the operation in `X-Amz-Target`. received: the
    bytes of the last answer.
    """

    def __init__(self, signing_name: str, target: str, version: str) -> None:
        self._signing_name, self._target = signing_name, target
        self._content_type = f"application/x-amz-json-{version}"
        self._url = os.environ["AWS_ENDPOINT_URL"] + "/"
        self._region = os.environ["AWS_REGION"]
        self._connection = HTTPConnection(self._url.split("/")[2], timeout=TIMEOUT_SECONDS)
        self.received = 0

    def call(self, credentials: Any, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """The answer, as JSON has it. Raises ClientError, also for an answer that is none of AWS's, and
        EndpointConnectionError."""
        body = orjson.dumps(parameters)
        headers = {"X-Amz-Target": f"{self._target}.{operation}", "Content-Type": self._content_type}
        request = AWSRequest("POST", self._url, data=body, headers=headers)
        SigV4Auth(credentials, self._signing_name, self._region).add_auth(request)
        try:
            response = self._response(body, dict(request.prepare().headers.items()))
            status, content = response.status, response.read()
        except (OSError, HTTPException) as error:
            self._connection.close()
            raise EndpointConnectionError(endpoint_url=self._url, error=error) from error
        try:
            self.received = len(content)
            answer = orjson.loads(content or b"{}")
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            said = content[:LONGEST_ERROR].decode(errors="replace")
            raise ClientError({"Error": {"Code": str(status), "Message": f"no JSON object: {said!r}"}}, operation)
        if status != 200:
            code = str(answer.get("__type", status)).rpartition("#")[2]
            message = answer.get("message") or answer.get("Message") or ""
            raise ClientError({"Error": {"Code": code, "Message": message}}, operation)
        return answer

    def _response(self, body: bytes, headers: dict[str, str]) -> HTTPResponse:
        """A connection that rested is ended by the server after a while: that shows only when it is used again, and
        the call is made once more over a new one."""
        reused = self._connection.sock is not None
        try:
            self._connection.request("POST", "/", body, headers)
            return self._connection.getresponse()
        except ConnectionError:
            self._connection.close()
            if not reused:
                raise
        self._connection.request("POST", "/", body, headers)
        return self._connection.getresponse()


def kinesis_wire() -> Wire:
    """Of Kinesis."""
    return Wire("kinesis", "Kinesis_20131202", "1.1")
