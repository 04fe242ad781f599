"""AWS's clients for what a function does with tables, buses and queues: each is made once a process."""

from functools import cache
from typing import Any

import boto3

from shared.states import CLIENT


@cache
def client(service: str) -> Any:
    """service: as boto3 names it. It repeats throttled calls; see CLIENT for its times."""
    return boto3.client(service, config=CLIENT)
