"""The application's own tables, by the environment of its functions; each is made once a process."""

import os
from functools import cache

from loyalty.ledger import Ledger
from shared.clients import client
from shared.states import StateTable


@cache
def customers() -> StateTable:
    return StateTable(client("dynamodb"), os.environ["STATE_TABLE"], "customer")


@cache
def files() -> StateTable:
    return StateTable(client("dynamodb"), os.environ["FILES_TABLE"], "file")


@cache
def ledger() -> Ledger:
    return Ledger(client("dynamodb"), os.environ["EFFECTS_TABLE"], os.environ["COUNTS_TABLE"])
