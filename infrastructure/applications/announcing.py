"""An application of the usual kind: a state for each key, a rule that steps through events, effects put on the bus."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
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


@dataclass(frozen=True, kw_only=True)
class AnnouncingArgs:
    """key: of the state table. description: what the application does. environment: what its rule is told.

    The code is the folder of `lambdas/` that is named like the application: `handler` steps, `perform` announces.
    """

    key: str
    description: str
    around: Surroundings
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)


class AnnouncingApplication(pulumi.ComponentResource):
    """The table, a function on all sources, and one on the table's changes."""

    def __init__(self, name: str, args: AnnouncingArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("headrace:application:AnnouncingApplication", name, None, opts)
        child = ResourceOptions(parent=self)
        around, topic = args.around, args.around.functions.alarm_topic
        self.table = Table(
            name, TableArgs(key=args.key, changes=True, protect=around.protect, alarm_topic=topic), child
        )
        source_consumer(
            name,
            ConsumerArgs(
                package=name,
                description=args.description,
                around=around,
                environment={"STATE_TABLE": self.table.name, **args.environment},
                allow=[Allow(actions=STATE, resources=[self.table.arn])],
            ),
            child,
        )
        change_consumer(
            f"{name}-perform",
            ConsumerArgs(
                package=name,
                module="perform",
                description=f"{args.description} Puts it on the bus.",
                around=around,
                environment={"EFFECTS_BUS": around.bus.name},
                allow=[Allow(actions=("events:PutEvents",), resources=[around.bus.arn])],
            ),
            self.table,
            child,
        )
        self.register_outputs({})
