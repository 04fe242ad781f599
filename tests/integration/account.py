"""A bare emulated AWS account for tests, and the functions that they make in it."""

import io
import json
import os
import secrets
import time
import uuid
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3

from embedded.cloud.emulator import Emulator
from embedded.cloud.ports import Ports, free_ports, in_use
from infrastructure.packaging import Platform, build

READY_SECONDS = 20.0
EVERYTHING = ({"Effect": "Allow", "Action": "*", "Resource": "*"},)


class Account:
    """An emulator that has nothing in it but what the tests make. url: all of AWS's APIs. hints: the port to which it
    sends the names of streams that took records."""

    def __init__(self, emulator: Emulator) -> None:
        self.url = emulator.url
        self.region = emulator.region
        self.hints = emulator.hints

    def role(self, service: str = "lambda.amazonaws.com", statements: Sequence[Mapping[str, Any]] = EVERYTHING) -> str:
        """The ARN of a new role that `service` may assume; without `statements` it may do everything."""
        name = f"role-{uuid.uuid4().hex[:8]}"
        trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        iam = boto3.client("iam")
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document([trust]))["Role"]["Arn"]
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="policy", PolicyDocument=_document(statements))
        return arn

    def function(
        self,
        code: str | Path,
        environment: Mapping[str, str] | None = None,
        *,
        handler: str = "code.handler",
        statements: Sequence[Mapping[str, Any]] = EVERYTHING,
        timeout_seconds: int = 30,
    ) -> str:
        """The ARN of a new function. code: the source of its one module, or a package's zip (see `package`)."""
        made = boto3.client("lambda").create_function(
            FunctionName=f"function-{uuid.uuid4().hex[:8]}",
            Runtime="python3.13",
            Handler=handler,
            Role=self.role(statements=statements),
            Code={"ZipFile": code.read_bytes() if isinstance(code, Path) else _zip(code)},
            Environment={"Variables": dict(environment or {})},
            Timeout=timeout_seconds,
        )
        return made["FunctionArn"]


def package(function: str) -> Path:
    """The zip of one of `lambdas/`, for this machine; its functions are handlers like `offers.handler.handler`."""
    return build(function, Platform(platform="host"))


@contextmanager
def account(folder: Path, endpoints: Mapping[str, str] | None = None) -> Iterator[Account]:
    """Starts an emulator whose files are in `folder`; AWS's variables point there until it is stopped.

    endpoints: what else functions and tests find elsewhere, by variable: `AWS_ENDPOINT_URL_DYNAMODB`.
    """
    ports, _ = free_ports(Ports(0, 0, 0, 0))
    emulator = Emulator(ports.aws, "us-east-1", secrets.token_urlsafe(30), endpoints or {}, ports.firehose)
    before = dict(os.environ)
    process = emulator.start(folder, folder / "emulator.log")
    try:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        os.environ.update(emulator.variables())
        boto3.setup_default_session()  # it remembers credentials
        deadline = time.monotonic() + READY_SECONDS
        while not in_use(ports.aws):
            assert process.alive, (folder / "emulator.log").read_text()
            assert time.monotonic() < deadline, "the emulator is not ready"
            time.sleep(0.02)
        yield Account(emulator)
    finally:
        process.stop()
        os.environ.clear()
        os.environ.update(before)
        boto3.setup_default_session()


def _document(statements: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _zip(source: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("code.py", source)
    return packed.getvalue()
