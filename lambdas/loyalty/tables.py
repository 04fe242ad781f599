"""The application's own tables, by the environment of its functions; each is made once a process."""

import os
from functools import cache
from typing import Any

import boto3

from loyalty.ledger import Ledger
from shared.states import CLIENT, StateTable


@cache
def customers() -> StateTable:
    return StateTable(_dynamodb(), os.environ["STATE_TABLE"], "customer")


@cache
def files() -> StateTable:
    return StateTable(_dynamodb(), os.environ["FILES_TABLE"], "file")


@cache
def ledger() -> Ledger:
    return Ledger(_dynamodb(), os.environ["EFFECTS_TABLE"], os.environ["COUNTS_TABLE"])


@cache
def _dynamodb() -> Any:
    return boto3.client("dynamodb", config=CLIENT)
