"""Reads the streams: every conversion in them becomes a decision, written with its customer's state."""

import os
from collections.abc import Mapping
from typing import Any

from loyalty.application import Loyalty
from loyalty.tables import customers
from shared.outlet import outlet
from shared.processing import process
from shared.records import Failures
from shared.refusals import keep


def handler(batch: Mapping[str, Any], context: Any) -> Failures:
    def seconds_left() -> float:
        return context.get_remaining_time_in_millis() / 1000

    application = Loyalty(os.environ["PROMOTION"])
    return process(batch, application, customers(), lambda refused: keep(refused, outlet(), seconds_left))
