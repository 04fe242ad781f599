"""The AWS side of a deployment: clients, the account, the region, the tags every resource gets."""

import json
import os
import threading
from functools import cached_property
from typing import Any

import boto3
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError

from embedded.providers.contract import AlreadyExistsError, CloudGoneError, Values
from headrace.console import Problem

FRONT_DOOR = "HEADRACE_FRONT_DOOR"
EXISTS = (
    "AlreadyExists",
    "AlreadyOwnedByYou",
    "ResourceInUse",
    "ResourceConflict",
    "ConflictException",
    "QueueNameExists",
)
GONE = ("NotFound", "NoSuch", "NonExistent", "404")


class Clients:
    """One client a service and region for the whole deployment: making one takes tens of milliseconds.

    Credentials come from the environment. The emulator, with authorisation on, takes three kinds of access key for an
    account's root, whose requests are always allowed and whose signatures are not checked: `test`, the value of
    AWS_ACCESS_KEY_ID in the emulator's own environment, and any number of twelve digits, which then is the account
    (`ministack.core.iam_evaluator.is_root_access_key`). A deployment needs one of these; users and roles made in the
    emulator are held to their policies.
    """

    def __init__(self) -> None:
        self._session = boto3.Session()
        self._made: dict[tuple[str, str], BaseClient] = {}
        self._accounts: dict[str, str] = {}
        self._lock = threading.RLock()
        self.gone = False
        self._config = Config(
            retries={"mode": "standard", "max_attempts": 3}, connect_timeout=5, max_pool_connections=32
        )

    def client(self, service: str, region: str) -> BaseClient:
        with self._lock:
            if (service, region) not in self._made:
                self._made[service, region] = self._session.client(service, region_name=region, config=self._config)
            return self._made[service, region]

    def account(self, region: str) -> str:
        """The account's twelve digits, asked of the cloud once."""
        with self._lock:
            if region not in self._accounts:
                self._accounts[region] = self.client("sts", region).get_caller_identity()["Account"]
            return self._accounts[region]


class Cloud:
    """AWS as one provider configuration sees it."""

    partition = "aws"

    def __init__(self, clients: Clients, config: Values) -> None:
        self._clients = clients
        self._config = config

    @cached_property
    def region(self) -> str:
        region = self._config.get("region") or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        if not region:
            raise Problem("no AWS region is configured", "add `aws:region: eu-west-1` to the stack's configuration")
        return region

    @cached_property
    def default_tags(self) -> dict[str, str]:
        """A provider's nested settings arrive as JSON text."""
        setting = self._config.get("defaultTags") or {}
        tags = (json.loads(setting) if isinstance(setting, str) else setting).get("tags") or {}
        return {key: str(value) for key, value in tags.items()}

    @property
    def account(self) -> str:
        return self._clients.account(self.region)

    def client(self, service: str, region: str | None = None) -> Any:
        self.require_reachable()
        return self._clients.client(service, region or self.region)

    def require_reachable(self) -> None:
        """Raises CloudGoneError where an earlier call found nobody: each further one would try for seconds."""
        if self._clients.gone:
            raise CloudGoneError("the cloud does not answer")

    def translated(self, problem: Exception) -> Exception:
        """An error of boto3 as one the engine knows, or as it is."""
        if isinstance(problem, EndpointConnectionError):
            self._clients.gone = True
            return CloudGoneError(f"the cloud does not answer ({problem})")
        if isinstance(problem, ClientError) and any(word in problem.response["Error"]["Code"] for word in EXISTS):
            return AlreadyExistsError(str(problem))
        return problem

    def arn(self, service: str, resource: str, region: str | None = None) -> str:
        return f"arn:{self.partition}:{service}:{region or self.region}:{self.account}:{resource}"


def front_door() -> str | None:
    """The address that stands for an HTTP API's own domain, without a slash at its end; None where there is none."""
    return os.environ.get(FRONT_DOOR, "").rstrip("/") or None


def text(document: Any) -> str:
    """A policy or other document as the JSON text AWS takes."""
    return document if isinstance(document, str) else json.dumps(document)


def is_gone(problem: ClientError) -> bool:
    return any(word in problem.response["Error"]["Code"] for word in GONE)
