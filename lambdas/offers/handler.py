"""Lambda's entry for the streams: what customers did, into their state. The rules are beside it."""

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from offers.rules import rules
from offers.taking import Tables, take
from shared.clients import client
from shared.records import Failures
from shared.refusals import refuse
from shared.states import StateTable


def handler(batch: Mapping[str, Any], context: Any) -> Failures:
    """Takes one batch of any source; returns Lambda's partial batch answer."""
    return take(batch, tables(), rules(), refuse(context))


@cache
def tables() -> Tables:
    return Tables(
        users=StateTable(client("dynamodb"), os.environ["STATE_TABLE"], "user_id"),
        clients=StateTable(client("dynamodb"), os.environ["CLIENTS_TABLE"], "client_id"),
    )
