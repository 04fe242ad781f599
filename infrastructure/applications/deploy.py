"""The applications of a stack: what they share, and each that the configuration names."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pulumi
import pulumi_aws as aws

from infrastructure.applications import live_counts, loyalty, offers, recommendations
from infrastructure.applications.application import Surroundings
from infrastructure.components.dead_letters import DeadLetters, DeadLettersArgs
from infrastructure.components.delivery import Delivery
from infrastructure.components.event_lake import EventLake
from infrastructure.components.event_stream import EventStream
from infrastructure.components.function import FunctionDefaults
from infrastructure.components.table import Table, TableArgs
from infrastructure.settings import ApplicationsSettings

# By their name in the configuration: takes its own settings, returns the stack's outputs.
APPLICATIONS: dict[str, Callable[[Any, Surroundings], Mapping[str, pulumi.Input[str]]]] = {
    "offers": offers.deploy,
    "loyalty": loyalty.deploy,
    "recommendations": recommendations.deploy,
    "live_counts": live_counts.deploy,
}


def deploy(
    settings: ApplicationsSettings,
    *,
    sources: Mapping[str, EventStream],
    lake: EventLake,
    bad_rows: Delivery,
    functions: FunctionDefaults,
    protect: bool,
) -> None:
    """Deploys the applications that are turned on; without any, nothing."""
    wanted = {name: found for name in APPLICATIONS if (found := getattr(settings, name)) is not None}
    if not wanted:
        return
    around = Surroundings(
        sources=sources,
        lake=lake,
        bad_rows=bad_rows,
        effects=Table(
            "effects",
            TableArgs(key="effect_id", expires="expires_at", protect=protect, alarm_topic=functions.alarm_topic),
        ),
        bus=aws.cloudwatch.EventBus("effects-bus"),
        dead_letters=DeadLetters("dead-letters", DeadLettersArgs(alarm_topic=functions.alarm_topic)),
        functions=functions,
        protect=protect,
        keeps_undecodable=True,
    )
    pulumi.export("applications", {name: found.model_dump(mode="json") for name, found in sorted(wanted.items())})
    pulumi.export("effects_table", around.effects.name)
    pulumi.export("effects_bus", around.bus.name)
    pulumi.export("dead_letters_url", around.dead_letters.queue.url)
    for name, application_settings in wanted.items():
        for output, value in APPLICATIONS[name](application_settings, around).items():
            pulumi.export(output, value)
        around = replace(around, keeps_undecodable=False)
