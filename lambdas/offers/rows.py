"""Customers and clients as DynamoDB items.

What other programs and people read has attributes of its own, by the names that the reference gave them:

    removed_items        string set: skus taken out of the cart, neither bought nor put back since
    purchase             true once there was a purchase
    purchase_value       number: the highest; with purchase_count, purchase_last_value and purchase_at (epoch ms)
    offer_sent           whether the last offer has gone out; with offer_id, offer_at (epoch ms)
    email                where an offer is sent to
    expires_at           epoch second from which nothing in the item matters any more

What the rules work on is one JSON text, `known`: a map of maps would cost DynamoDB twice the size, and us the time.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson

from offers.customer import NOBODY, Address, Customer, Item, Offer, Order
from offers.identity import Client, Since
from offers.rules import Rules

# As long as browsers keep a client's cookie at the most (Chrome: 400 days).
CLIENT_KEPT = 400 * 86_400


def customer_row(customer: Customer, rules: Rules) -> dict[str, Any]:
    """The attributes of a customer; None and empty sets are for the table to leave out."""
    offer, address = customer.offer, customer.address
    row: dict[str, Any] = {
        "known": orjson.dumps(
            {
                "clock": customer.clock,
                "items": customer.items,
                "orders": {order_id: (o.at, str(o.value), o.event_id) for order_id, o in customer.orders.items()},
                "offered": customer.offered,
                "address": address,
            },
            default=tuple,  # orjson takes no tuples with names
        ).decode(),
        "removed_items": set(customer.removed),
        "email": address.address if address else None,
    }
    # Who only said an address has no clock: `identify` does not move it.
    if newest := max(customer.clock, address.at if address else 0):
        row["expires_at"] = (newest + max(rules.memory, rules.cooldown)) // 1000
    if customer.orders:
        last = max(customer.orders.values())
        highest = customer.highest
        assert highest is not None
        row |= {
            "purchase": True,
            "purchase_value": highest.value,
            "purchase_count": len(customer.orders),
            "purchase_last_value": last.value,
            "purchase_at": last.at,
        }
    if offer:
        row |= {"offer_sent": offer.sent, "offer_id": offer.offer_id, "offer_at": offer.at}
    return row


def customer_of(row: Mapping[str, Any]) -> Customer:
    """The customer in an item's attributes; nobody in none."""
    if "known" not in row:
        return NOBODY
    known = orjson.loads(row["known"])
    orders = known["orders"].items()
    return Customer(
        clock=known["clock"],
        items={sku: Item(*item) for sku, item in known["items"].items()},
        orders={order_id: Order(at, Decimal(value), event_id) for order_id, (at, value, event_id) in orders},
        offered=known["offered"],
        offer=Offer(int(row["offer_at"]), row["offer_id"], bool(row["offer_sent"])) if "offer_id" in row else None,
        address=Address(*known["address"]) if known["address"] else None,
    )


def client_row(client: Client, rules: Rules) -> dict[str, Any]:
    """The attributes of a client: who it is, or what is known as long as nobody knows that."""
    if not client.users:
        return customer_row(client.anonymous, rules)
    return {
        "users": orjson.dumps(client.users, default=tuple).decode(),
        "user_id": client.users[-1].user_id,
        "expires_at": client.users[-1].at // 1000 + CLIENT_KEPT,
    }


def client_of(row: Mapping[str, Any]) -> Client:
    """The client in an item's attributes; an unknown one in none."""
    if "users" in row:
        return Client(tuple(Since(*since) for since in orjson.loads(row["users"])))
    return Client((), customer_of(row))
