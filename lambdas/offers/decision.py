"""Whether a customer gets an offer now, and which."""

from datetime import UTC, datetime
from typing import Literal, NamedTuple

from offers.customer import Customer, Offer
from offers.rules import Rules
from shared.effects import Effect, effect_id

OFFER = "OfferSent"
MAX_OFFERED = 20  # items in one offer, the last removed first: what a person reads, and what fits every receiver


class Identity(NamedTuple):
    """Who a customer is: a user of the shop, or as long as nothing else is known the client of a visitor."""

    kind: Literal["user", "client"]
    customer_id: str


def decide(identity: Identity, customer: Customer, rules: Rules) -> tuple[Customer, Effect | None]:
    """The customer after the decision, and the offer if there is one.

    It goes to whoever purchased for more than the minimum and removed items that they neither bought nor put back
    since, unless an offer was made within the cool-down. A removal is answered by one offer, ever.
    """
    if customer.offer is not None and customer.clock - customer.offer.at < rules.cooldown:
        return customer, None
    purchase = customer.highest
    if purchase is None or purchase.value <= rules.minimum_purchase:
        return customer, None
    skus = customer.unanswered[:MAX_OFFERED]
    if not skus:
        return customer, None
    effect = _offer(identity, customer, skus, rules)
    # Also those beyond the limit are answered: they were passed over, not put off.
    answered = {sku: customer.items[sku].at for sku in customer.unanswered}
    return customer._replace(
        offer=Offer(customer.clock, effect.effect_id, sent=False), offered={**customer.offered, **answered}
    ), effect


def _offer(identity: Identity, customer: Customer, skus: list[str], rules: Rules) -> Effect:
    purchase = customer.highest
    assert purchase is not None
    removals = [customer.items[sku] for sku in skus]
    causes = tuple(dict.fromkeys([purchase.event_id, *(item.event_id for item in reversed(removals))]))
    return Effect(
        effect_id=effect_id("offers", *identity, *causes),
        kind=OFFER,
        key=identity.customer_id,
        caused_by=causes,
        decided_at=max(purchase.at, *(item.at for item in removals)),
        detail={
            "customer": identity.customer_id,
            "customer_kind": identity.kind,
            "items": [{"sku": sku, "name": customer.items[sku].name} for sku in skus],
            "purchase_value": str(purchase.value),
            "discount_percent": rules.discount_percent,
            "valid_until": _iso(customer.clock + rules.valid),
        },
    )


def _iso(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
