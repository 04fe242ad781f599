"""Reads the streams: every conversion in them becomes a decision, written with its customer's state."""

import os
from collections.abc import Mapping
from typing import Any

from loyalty.application import Loyalty
from loyalty.conversions import DETAILED
from loyalty.tables import customers
from shared.processing import process
from shared.records import Failures
from shared.refusals import refuse


def handler(batch: Mapping[str, Any], context: Any) -> Failures:
    return process(batch, Loyalty(os.environ["PROMOTION"]), customers(), refuse(context), DETAILED)
