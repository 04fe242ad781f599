"""Reads the streams: every conversion in them becomes a decision, written with its customer's state."""

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

import boto3

from loyalty.application import Loyalty
from shared.outlet import outlet
from shared.processing import process
from shared.records import Failures
from shared.refusals import keep
from shared.states import CLIENT, StateTable

CUSTOMER = "customer"  # the key of the table of customers


def handler(batch: Mapping[str, Any], context: Any) -> Failures:
    def seconds_left() -> float:
        return context.get_remaining_time_in_millis() / 1000

    application = Loyalty(os.environ["PROMOTION"])
    return process(batch, application, customers(), lambda refused: keep(refused, outlet(), seconds_left))


@cache
def customers() -> StateTable:
    return StateTable(boto3.client("dynamodb", config=CLIENT), os.environ["STATE_TABLE"], CUSTOMER)
