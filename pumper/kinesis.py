"""A stack's Kinesis stream: opened, and put to."""

import os
from collections.abc import Sequence
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError, NoCredentialsError

from headrace.console import Problem
from headrace.home import environment
from pumper.settings import no_stream
from pumper.stream_records import Record
from pumper.stream_sender import Gone

_PERMANENT = {"AccessDeniedException", "ResourceNotFoundException", "UnrecognizedClientException"}


class KinesisStream:
    """One stream, usable from several threads at once."""

    def __init__(self, client: Any, name: str) -> None:
        self._client, self.name = client, name

    def put(self, records: Sequence[Record]) -> list[str]:
        """One call; for each record the code with which it was refused, "" where it was not. Raises Gone."""
        entries = [{"PartitionKey": record.key, "Data": record.data} for record in records]
        try:
            answer = self._client.put_records(StreamName=self.name, Records=entries)
        except (ClientError, BotoCoreError) as error:
            code = _code(error)
            if code in _PERMANENT:
                raise Gone(code) from error
            return [code] * len(records)
        return [one.get("ErrorCode") or "" for one in answer["Records"]]

    def check(self, stack: str, source: str) -> None:
        """Raises Problem when the stream is not there. source: the setting that makes it."""
        try:
            self._client.describe_stream_summary(StreamName=self.name)
        except NoCredentialsError as error:
            raise Problem(
                f"there are no AWS credentials to write to stack '{stack}'",
                "set AWS_PROFILE or log in (`aws sso login`)",
            ) from error
        except EndpointConnectionError as error:
            raise Problem(
                f"the cloud of stack '{stack}' does not answer",
                "see `make status` whether it is up" if environment(stack) else "check the network and AWS_REGION",
            ) from error
        except (ClientError, BotoCoreError) as error:
            if _code(error) == "ResourceNotFoundException":
                raise no_stream(stack, source) from error
            raise Problem(
                f"AWS refused to show the stream {self.name} ({_code(error)})",
                "use credentials of the account it is deployed to, that may describe it and put to it",
            ) from error


def open_stream(stack: str, name: str, *, connections: int) -> KinesisStream:
    """A stream of a deployed stack, in the embedded cloud or in AWS as the environment has it."""
    variables = environment(stack)
    session = boto3.Session(
        aws_access_key_id=variables.get("AWS_ACCESS_KEY_ID"),
        aws_secret_access_key=variables.get("AWS_SECRET_ACCESS_KEY"),
        # boto3 itself looks for AWS_DEFAULT_REGION and the profile's; other AWS tools for AWS_REGION
        region_name=variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION") or os.environ.get("AWS_REGION"),
    )
    endpoint = variables.get("AWS_ENDPOINT_URL_KINESIS") or variables.get("AWS_ENDPOINT_URL")
    # One attempt: how often it takes, and that nothing is waited for once the run stops, is the sender's business.
    config = Config(max_pool_connections=connections, retries={"total_max_attempts": 1}, read_timeout=30)
    try:
        return KinesisStream(session.client("kinesis", endpoint_url=endpoint, config=config), name)
    except BotoCoreError as error:
        raise Problem(f"no AWS client can be made for stack '{stack}' ({error})", "set AWS_REGION") from error


def _code(error: Exception) -> str:
    if isinstance(error, ClientError):
        return error.response.get("Error", {}).get("Code", "ClientError")
    return type(error).__name__
