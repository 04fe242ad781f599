"""How an offer goes out: a code, the bus, an e-mail, and the mark on the customer.

The function may die between any two of these. What is done is kept with the effect, so that the next attempt goes on
where this one ended, with the same code. Only what was done a moment before, and not kept yet, is done again; whoever
hears of offers tells them apart by `effect_id`.
"""

import logging
import math
import time
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from offers.codes import new_code
from offers.customers import Customers
from offers.message import message
from shared.bus import Bus
from shared.effects import Effect, EffectLog
from shared.errors import error_code
from shared.observability import count, log

CODE = "code"
ON_BUS = "bus_event_id"
MAILED = "message_id"

NO_SENDER = "off"
NO_ADDRESS = "no address"

# Answers that soon change. Whatever else SES says (suspended, paused, not verified, not allowed, a bad message) it will
# say again, and the offers behind must not wait for it. LimitExceededException is no rate; TooManyRequestsException and
# ThrottlingException are. https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors
THROTTLED = frozenset(
    {
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)

# The quota of a day comes as throttling too, but is no matter of seconds. Its message is all that tells it apart:
# https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas-errors.html
DAILY = "daily"


def passes(error: ClientError) -> bool:
    """Whether SES' answer is about this moment, so that the same e-mail is worth another attempt."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    said = error.response["Error"]
    if said["Code"] in THROTTLED or status == 429:
        return DAILY not in said.get("Message", "").lower()
    return status >= 500


# How long nobody asks SES after it did not answer. An attempt waits 15 s at most (`perform.MAIL`) and the function may
# run for 30: so a batch waits for one time-out, and the bus hears of all its offers.
SILENCE_SECONDS = 15.0


class Silent(Exception):
    """SES did not answer a moment ago, and was not asked now."""


class Mailer:
    """SES with a sender of ours. now: seconds, of any origin."""

    def __init__(self, client: Any, sender: str, now: Callable[[], float] = time.monotonic) -> None:
        self._client, self._sender, self._now = client, sender, now
        self._silent_until = -math.inf

    def send(self, address: str, effect: Effect, code: str) -> str:
        """Sends the e-mail; returns SES' id of it. Raises botocore's errors, and Silent."""
        if self._now() < self._silent_until:
            raise Silent
        try:
            return self._send(address, effect, code)
        except BotoCoreError:  # no answer: those are ClientErrors
            self._silent_until = self._now() + SILENCE_SECONDS
            raise

    def _send(self, address: str, effect: Effect, code: str) -> str:
        subject, text, html = message(effect.detail, code)
        answer = self._client.send_email(
            FromEmailAddress=self._sender,
            Destination={"ToAddresses": [address]},
            Content={
                "Simple": {
                    "Subject": {"Data": subject, "Charset": "UTF-8"},
                    "Body": {
                        "Text": {"Data": text, "Charset": "UTF-8"},
                        "Html": {"Data": html, "Charset": "UTF-8"},
                    },
                }
            },
            EmailTags=[{"Name": "effect_id", "Value": effect.effect_id}],
        )
        return answer["MessageId"]


class Sender:
    """Sends offers. mailer: None where the shop sends no e-mail."""

    def __init__(self, effect_log: EffectLog, customers: Customers, bus: Bus, mailer: Mailer | None) -> None:
        self._log, self._customers, self._bus, self._mailer = effect_log, customers, bus, mailer

    def send(self, effect: Effect) -> Mapping[str, Any]:
        """Sends one offer; returns what came of it. Raises botocore's errors and Silent; then it is called again."""
        kept = self._log.keep(effect, CODE, new_code())
        code = kept[CODE]
        if ON_BUS not in kept:
            told = self._bus.put(effect._replace(detail={**effect.detail, "code": code}))
            kept = self._log.keep(effect, ON_BUS, told["bus_event_id"])
        email = self._mail(effect, code, kept)
        self._customers.mark(effect)
        return {"code": code, "bus_event_id": kept[ON_BUS], "email": email}

    def _mail(self, effect: Effect, code: str, kept: Mapping[str, Any]) -> str:
        """What became of the e-mail."""
        if MAILED in kept:
            return "sent"
        if self._mailer is None:
            return NO_SENDER
        address = self._customers.address(effect)
        if address is None:
            return NO_ADDRESS
        try:
            message_id = self._mailer.send(address, effect, code)
        except ClientError as error:
            if passes(error):
                raise
            code_said = error_code(error)
            log(logging.WARNING, "mail refused", effect_id=effect.effect_id, error=code_said)
            count({"MailRefused": 1}, by_reason={})
            return f"refused: {code_said}"
        self._log.keep(effect, MAILED, message_id)
        return "sent"
