"""Retargeting offers: the tables of users and clients, a function that decides, and one that sends."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws
from pulumi import ResourceOptions

from infrastructure.applications.application import (
    STATE,
    ConsumerArgs,
    Surroundings,
    change_consumer,
    source_consumer,
)
from infrastructure.components.policies import Allow
from infrastructure.components.table import Table, TableArgs
from infrastructure.settings import OffersSettings

# Of changes: most bring no offer, and each offer takes about eight calls.
CHANGES = 100


class Offers(pulumi.ComponentResource):
    """`users` by user id, `clients` by client id: visitors as long as nobody knows who they are, and who they are."""

    def __init__(
        self, name: str, settings: OffersSettings, around: Surroundings, opts: ResourceOptions | None = None
    ) -> None:
        super().__init__("headrace:application:Offers", name, None, opts)
        child = ResourceOptions(parent=self)
        topic = around.functions.alarm_topic
        self.users, self.clients = (
            Table(
                table,
                TableArgs(key=key, changes=True, expires="expires_at", protect=around.protect, alarm_topic=topic),
                child,
            )
            for table, key in ((name, "user_id"), (f"{name}-clients", "client_id"))
        )
        tables = {"STATE_TABLE": self.users.name, "CLIENTS_TABLE": self.clients.name}
        arns = [self.users.arn, self.clients.arn]
        source_consumer(
            name,
            ConsumerArgs(
                package="offers",
                description="Decides who gets an offer, from what customers buy and take out of their carts.",
                around=around,
                environment={
                    **tables,
                    "MINIMUM_PURCHASE": str(settings.minimum_purchase),
                    "DISCOUNT_PERCENT": str(settings.discount_percent),
                    "VALID_DAYS": str(settings.valid_days),
                    "COOLDOWN_DAYS": str(settings.cooldown_days),
                    "MEMORY_DAYS": str(settings.memory_days),
                },
                allow=[Allow(actions=STATE, resources=arns)],
            ),
            child,
        )
        allow = [
            Allow(actions=("dynamodb:GetItem", "dynamodb:UpdateItem"), resources=arns),
            Allow(actions=("events:PutEvents",), resources=[around.bus.arn]),
        ]
        environment: dict[str, pulumi.Input[str]] = {**tables, "EFFECTS_BUS": around.bus.name}
        if settings.email_from:
            sender = aws.sesv2.EmailIdentity(f"{name}-sender", email_identity=settings.email_from, opts=child)
            environment["EMAIL_FROM"] = settings.email_from
            allow += may_send(settings.email_from, sender.arn, sender.arn.apply(all_identities))
        change_consumer(
            f"{name}-perform",
            ConsumerArgs(
                package="offers",
                module="perform",
                description="Sends the offers that were decided: on the bus, and by e-mail.",
                around=around,
                environment=environment,
                allow=allow,
                batch_size=CHANGES,
            ),
            self.users,
            child,
            self.clients,
        )
        self.register_outputs({})


def may_send(address: str, identity: pulumi.Input[str], identities: pulumi.Input[str]) -> list[Allow]:
    """What a function that sends as `address` needs. identity, identities: ARNs, of the sender and of all.

    In SES' sandbox the identity of the recipient is checked like the sender's, and which it is (the address or its
    domain) is not known here. The condition keeps the sender the only one, also where the account has others.
    """
    send = ("ses:SendEmail",)
    return [
        Allow(actions=send, resources=[identity]),
        Allow(actions=send, resources=[identities], conditions={"StringEquals": {"ses:FromAddress": address}}),
    ]


def all_identities(identity: str) -> str:
    """The ARN of all SES identities in the account and region of one."""
    return f"{identity.partition(':identity/')[0]}:identity/*"


def deploy(settings: OffersSettings, around: Surroundings) -> Mapping[str, pulumi.Input[str]]:
    """Deploys the offers; returns the stack's outputs."""
    offers = Offers("offers", settings, around)
    return {"offers_table": offers.users.name, "offers_clients_table": offers.clients.name}
