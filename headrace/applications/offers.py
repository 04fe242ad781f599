"""Offers that were made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headrace.effects import Effect

NEWEST = 5


@dataclass(frozen=True, kw_only=True)
class Offer:
    """customer: a user's id, or a client's as long as nothing else is known. decided_at: epoch ms."""

    offer_id: str
    customer: str
    items: tuple[str, ...]
    code: str
    decided_at: int


@dataclass(frozen=True, kw_only=True)
class Offers:
    """waiting: decided and not sent yet. newest: of those that were sent."""

    sent: int
    customers: int
    waiting: int
    newest: tuple[Offer, ...]


def offers_of(effects: Sequence[Effect]) -> Offers:
    """effects: the newest first."""
    sent = [effect for effect in effects if effect.performed_at is not None]
    return Offers(
        sent=len(sent),
        customers=len({effect.key for effect in sent}),
        waiting=len(effects) - len(sent),
        newest=tuple(_offer(effect) for effect in sent[:NEWEST]),
    )


def _offer(effect: Effect) -> Offer:
    return Offer(
        offer_id=effect.effect_id,
        customer=str(effect.detail.get("customer", effect.key)),
        items=tuple(_name(item) for item in effect.detail.get("items", ())),
        code=str(effect.result.get("code", "")),
        decided_at=effect.decided_at,
    )


def _name(item: Mapping[str, Any]) -> str:
    return str(item.get("name") or item.get("sku"))
