"""AWS's clients, made once a process."""

from functools import cache
from typing import Any

import boto3

from shared.states import CLIENT


@cache
def client(service: str) -> Any:
    return boto3.client(service, config=CLIENT)
