"""Acting as a role, as AWS's services do on a user's behalf: only if the role trusts them, and with its rights only.

The emulator lets the account's root assume any role that trusts any service, so whether a role trusts *this* service
is checked here, from the role's own document.
"""

import fnmatch
import json
import threading
import time
from typing import Any, cast

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

RENEW_SECONDS = 300.0  # short, so that a trust taken away shows soon
CONFIG = Config(retries={"mode": "standard", "max_attempts": 3}, connect_timeout=5, read_timeout=30)
CONDITIONS = {
    "StringEquals": lambda value, pattern: value == pattern,
    "ArnEquals": fnmatch.fnmatchcase,
    "StringLike": fnmatch.fnmatchcase,
    "ArnLike": fnmatch.fnmatchcase,
}


class NotTrusted(Exception):
    """The role does not let the service assume it, or is not there."""


class Roles:
    """Clients with the rights of roles, for one service principal. Safe to use from several threads."""

    def __init__(self, principal: str) -> None:
        self._principal = principal
        self._lock = threading.Lock()
        self._sessions: dict[str, tuple[float, boto3.Session]] = {}
        self._clients: dict[tuple[str, str], tuple[boto3.Session, Any]] = {}
        self._iam = boto3.client("iam", config=CONFIG)
        self._sts = boto3.client("sts", config=CONFIG)

    def client(self, service: str, role: str, source: str) -> Any:
        """A boto3 client of `service` with the rights of `role`, on behalf of the resource `source` (its ARN). Raises
        NotTrusted."""
        with self._lock:
            session = self._session(role, source)
            owner, client = self._clients.get((service, role), (None, None))
            if owner is not session:
                client = cast(Any, session).client(service, config=CONFIG)
                self._clients[service, role] = (session, client)
            return client

    def credentials(self, role: str, source: str) -> Any:
        """The credentials that such a client has. Raises NotTrusted."""
        with self._lock:
            return self._session(role, source).get_credentials()

    def forget(self, role: str) -> None:
        """Has the role assumed anew at the next use: something was denied, and may have been granted since."""
        with self._lock:
            self._sessions.pop(role, None)

    def _session(self, role: str, source: str) -> boto3.Session:
        assumed, session = self._sessions.get(role, (0.0, None))
        if session is None or time.monotonic() - assumed > RENEW_SECONDS:
            session = self._assume(role, source)
            self._sessions[role] = (time.monotonic(), session)
        return session

    def _assume(self, role: str, source: str) -> boto3.Session:
        name = role.rpartition("/")[2]
        account = role.split(":")[4]
        try:
            document = self._iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
            context = {"sts:externalid": account, "aws:sourceaccount": account, "aws:sourcearn": source}
            if not trusts(document, self._principal, context):
                raise NotTrusted(f"{role} does not trust {self._principal}")
            given = self._sts.assume_role(
                RoleArn=role, RoleSessionName=self._principal.partition(".")[0], ExternalId=account
            )["Credentials"]
        except ClientError as error:
            raise NotTrusted(f"{self._principal} is unable to assume role {role}: {error}") from error
        return boto3.Session(
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
        )


def trusts(document: str | dict[str, Any], principal: str, context: dict[str, str]) -> bool:
    """Whether a trust policy lets a service assume the role. `context` holds condition keys in lower case.

    A condition that is not understood is not met.
    """
    policy = json.loads(document) if isinstance(document, str) else document
    effects = {
        statement["Effect"]
        for statement in _list(policy.get("Statement", []))
        if any(fnmatch.fnmatchcase("sts:AssumeRole", action) for action in _list(statement.get("Action", [])))
        and _names(statement.get("Principal", {}), principal)
        and _met(statement.get("Condition", {}), context)
    }
    return effects == {"Allow"}


def _names(principals: Any, principal: str) -> bool:
    return principals == "*" or (isinstance(principals, dict) and principal in _list(principals.get("Service", [])))


def _met(conditions: dict[str, dict[str, Any]], context: dict[str, str]) -> bool:
    return all(
        operator in CONDITIONS
        and key.lower() in context
        and any(CONDITIONS[operator](context[key.lower()], pattern) for pattern in _list(patterns))
        for operator, keys in conditions.items()
        for key, patterns in keys.items()
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
