"""AWS clients of one stack: the embedded cloud where it stands on this machine, else AWS as the environment has it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError, NoCredentialsError

from headrace.console import Problem
from headrace.home import environment

CONNECTIONS = 16

# AWS throttles; what does not answer on this machine will not do so in a minute either.
ATTEMPTS = {"embedded": 2, "aws": 9}


class Cloud:
    """Makes clients for a stack, without touching the environment of this process."""

    def __init__(self, stack: str) -> None:
        self.stack = stack
        self.variables = environment(stack)
        self._session = boto3.Session(
            aws_access_key_id=self.variables.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=self.variables.get("AWS_SECRET_ACCESS_KEY"),
            region_name=self.variables.get("AWS_REGION") or self.variables.get("AWS_DEFAULT_REGION"),
        )

    @property
    def embedded(self) -> bool:
        return bool(self.variables)

    def client(self, service: str) -> Any:
        endpoint = self.variables.get(f"AWS_ENDPOINT_URL_{service.upper()}") or self.variables.get("AWS_ENDPOINT_URL")
        attempts = ATTEMPTS["embedded" if self.embedded else "aws"]
        retries = {"mode": "standard", "total_max_attempts": attempts}
        config = Config(max_pool_connections=CONNECTIONS, retries=retries)
        return self._session.client(service, endpoint_url=endpoint, config=config)


@contextmanager
def aws_problems(stack: str, rights: str = "") -> Iterator[None]:
    """Turns what AWS refuses into one line. rights: where the command's stand, if it does more than read."""
    try:
        yield
    except EndpointConnectionError as error:
        raise Problem(
            f"the cloud of stack '{stack}' does not answer at {urlsplit(str(error.kwargs.get('endpoint_url'))).netloc}",
            "see `make status`" if environment(stack) else "check the network and AWS_REGION",
        ) from error
    except NoCredentialsError as error:
        raise Problem(
            f"there are no AWS credentials to look into stack '{stack}'", "set AWS_PROFILE or log in (`aws sso login`)"
        ) from error
    except (ClientError, BotoCoreError) as error:
        refused = f"{error.operation_name} on" if isinstance(error, ClientError) else "to show"
        may = f"have the rights listed in {rights}" if rights else "may read its bucket and its streams"
        raise Problem(
            f"AWS refused {refused} stack '{stack}' ({error})",
            f"use credentials of the account it is deployed to, that {may}",
        ) from error
