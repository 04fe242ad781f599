"""Loyalty decisions, as the application counts them itself: by promotion, conversion and channel."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Promotion:
    """where: the channel of a click, None for other conversions. decisions: each is True or False; promos: the True."""

    promotion: str
    conversion: str
    where: str | None
    decisions: int
    promos: int


def read_promotions(dynamodb: Any, table: str) -> tuple[Promotion, ...]:
    """All counts; there are a few for each promotion. Raises botocore's errors."""
    pages = dynamodb.get_paginator("scan").paginate(TableName=table)
    found = [_promotion(item) for page in pages for item in page["Items"]]
    return tuple(sorted(found, key=lambda one: (one.promotion, one.conversion, one.where or "")))


def _promotion(item: dict[str, Any]) -> Promotion:
    return Promotion(
        promotion=item["promotion"]["S"],
        conversion=item["conversion"]["S"],
        where=item["where"].get("S"),
        decisions=int(item["conversions"]["N"]),
        promos=int(item["promos"]["N"]),
    )
