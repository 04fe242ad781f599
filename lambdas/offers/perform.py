"""Lambda's entry for the changes of both tables: offers that were decided go out."""

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

import boto3

from offers.customers import Customers
from offers.sending import Mailer, Sender
from shared.bus import Bus
from shared.effects import EffectLog
from shared.performing import perform_all
from shared.records import Failures
from shared.states import CLIENT


def handler(batch: Mapping[str, Any], _context: Any) -> Failures:
    """Sends the offers of one batch of changes; returns Lambda's partial batch answer."""
    return perform_all(batch, effect_log(), sender().send)


@cache
def effect_log() -> EffectLog:
    return EffectLog(dynamodb(), os.environ["EFFECTS_TABLE"], "offers")


@cache
def sender() -> Sender:
    email_from = os.environ.get("EMAIL_FROM")
    return Sender(
        effect_log(),
        Customers(dynamodb(), os.environ["STATE_TABLE"], os.environ["CLIENTS_TABLE"]),
        Bus(boto3.client("events", config=CLIENT), os.environ["EFFECTS_BUS"], "offers"),
        Mailer(boto3.client("sesv2", config=CLIENT), email_from) if email_from else None,
    )


@cache
def dynamodb() -> Any:
    return boto3.client("dynamodb", config=CLIENT)
