"""Invokes functions, and says what came of it."""

import json
from collections.abc import Sequence
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from embedded.runtime.mappings.answers import Outcome, failed_from
from embedded.runtime.mappings.definition import Mapping
from embedded.runtime.mappings.records import Record, payload

# A function may run for 900 s. No repetition here: whether a call that broke off had run the function is not known.
CONFIG = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=910, max_pool_connections=128)
LONGEST_ERROR = 300  # characters of a function's error that are shown


class Invoker:
    """Lambda's own side: it needs no permission of the function's role. Safe to use from several threads."""

    def __init__(self) -> None:
        self._client = boto3.client("lambda", config=CONFIG)

    def invoke(self, mapping: Mapping, records: Sequence[Record]) -> Outcome:
        """Runs the function once with these records."""
        try:
            answer = self._client.invoke(FunctionName=mapping.function, Payload=payload(records))
            said: bytes = answer["Payload"].read()
        except (ClientError, BotoCoreError) as error:
            return Outcome(0, error=str(error), invoked=False)
        version = answer.get("ExecutedVersion", "$LATEST")
        if raised := answer.get("FunctionError"):
            return Outcome(0, error=_message(said), function_error=raised, version=version)
        if not mapping.reports_failures:
            return Outcome(None, version=version)
        failed = failed_from(said, [each.sequence for each in records])
        return Outcome(failed, error="" if failed is None else "the function reported failed records", version=version)

    def role(self, function: str) -> str:
        """The ARN of a function's role. Raises botocore's errors."""
        return self._client.get_function_configuration(FunctionName=function)["Role"]


def _message(said: bytes) -> str:
    try:
        found: Any = json.loads(said)
        text = f"{found['errorType']}: {found['errorMessage']}"
    except (ValueError, KeyError, TypeError):
        text = said.decode(errors="replace")
    return text[:LONGEST_ERROR]
