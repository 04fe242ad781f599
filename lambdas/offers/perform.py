"""Lambda's entry for the changes of both tables: offers that were decided go out."""

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from offers.customers import Customers
from offers.sending import Mailer, Sender
from shared.bus import Bus
from shared.clients import client
from shared.effects import EffectLog
from shared.performing import perform_all
from shared.records import Failures

# An e-mail has no token by which SES would know it again: where only the answer was lost, botocore's own repetition
# would be a second e-mail. So it makes none, and waits longer for an answer than is usual.
MAIL = Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=1, read_timeout=15)


def handler(batch: Mapping[str, Any], _context: Any) -> Failures:
    """Sends the offers of one batch of changes; returns Lambda's partial batch answer."""
    return perform_all(batch, effect_log(), sender().send)


@cache
def effect_log() -> EffectLog:
    return EffectLog(client("dynamodb"), os.environ["EFFECTS_TABLE"], "offers")


@cache
def sender() -> Sender:
    email_from = os.environ.get("EMAIL_FROM")
    return Sender(
        effect_log(),
        Customers(client("dynamodb"), os.environ["STATE_TABLE"], os.environ["CLIENTS_TABLE"]),
        Bus(client("events"), os.environ["EFFECTS_BUS"], "offers"),
        Mailer(mail(), email_from) if email_from else None,
    )


@cache
def mail() -> Any:
    return boto3.client("sesv2", config=MAIL)
