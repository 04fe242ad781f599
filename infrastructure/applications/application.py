"""What every real-time application is given, and the two kinds of function that most of them have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws
from pulumi import ResourceOptions

from infrastructure.components.dead_letters import DeadLetters
from infrastructure.components.delivery import DIRECT_PUT, Delivery
from infrastructure.components.event_lake import SPILL, EventLake
from infrastructure.components.event_stream import EventStream
from infrastructure.components.function import Function, FunctionArgs, FunctionDefaults
from infrastructure.components.policies import Allow
from infrastructure.components.stream_consumer import StreamConsumer, StreamConsumerArgs, late_alarm, may_read
from infrastructure.components.table import Table

STATE = ("dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem")


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Where an application stands.

    sources: the streams it reads, each carrying any protocol. effects: the table in which every effect is performed
    once, and can be traced. keeps_undecodable: whether this application is the one that keeps bad rows of what nobody
    can decode; the others only count it.
    """

    sources: Mapping[str, EventStream]
    lake: EventLake
    bad_rows: Delivery
    effects: Table
    bus: aws.cloudwatch.EventBus
    dead_letters: DeadLetters
    functions: FunctionDefaults
    protect: bool = True
    keeps_undecodable: bool = False


@dataclass(frozen=True, kw_only=True)
class ConsumerArgs:
    """A function that reads every source into a table, or a table's changes into effects."""

    package: str
    description: str
    around: Surroundings
    module: str = "handler"
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    allow: Sequence[Allow] = ()
    batch_size: int = 500
    window_seconds: int = 0
    memory_mb: int = 512
    timeout_seconds: int = 30


# Effects are never given up while their stream still has them, if whoever performs them is down for some time: the
# function waits a second or more after each failure (`shared/performing.py`). A DynamoDB stream keeps 24 hours.
EFFECT_RETRIES = 10_000  # the most that a mapping takes (AWS Lambda quota)
EFFECT_AGE_SECONDS = 23 * 3600


def source_consumer(name: str, args: ConsumerArgs, opts: ResourceOptions) -> Function:
    """A function on all of the application's sources, which may write bad rows."""
    around = args.around
    sources = list(around.sources.values())
    function = _function(
        name,
        args,
        sources,
        environment={
            "BAD_DELIVERY_STREAM": around.bad_rows.name,
            "BUCKET": around.lake.name,
            "KEEPS_UNDECODABLE": str(around.keeps_undecodable).lower(),
        },
        allow=[
            Allow(actions=DIRECT_PUT, resources=[around.bad_rows.arn]),
            Allow(actions=("s3:PutObject",), resources=[around.lake.objects(SPILL)]),
        ],
        opts=opts,
    )
    for source_name, source in around.sources.items():
        _consume(f"{name}-{source_name}", args, source, function, opts)
    return function


def change_consumer(name: str, args: ConsumerArgs, table: Table, opts: ResourceOptions, *more: Table) -> Function:
    """A function on a table's changes, or on those of several, which may write the effects table."""
    tables = {name: table, **{f"{name}-{number}": one for number, one in enumerate(more, start=2)}}
    function = _function(
        name,
        args,
        [*tables.values()],
        environment={"EFFECTS_TABLE": args.around.effects.name},
        allow=[Allow(actions=("dynamodb:PutItem", "dynamodb:UpdateItem"), resources=[args.around.effects.arn])],
        opts=opts,
    )
    for consumer, one in tables.items():
        _consume(consumer, args, one, function, opts, max_retries=EFFECT_RETRIES, max_age_seconds=EFFECT_AGE_SECONDS)
    return function


def _function(
    name: str,
    args: ConsumerArgs,
    sources: Sequence[EventStream | Table],
    environment: Mapping[str, pulumi.Input[str]],
    allow: Sequence[Allow],
    opts: ResourceOptions,
) -> Function:
    function = Function(
        name,
        FunctionArgs(
            package=args.package,
            module=args.module,
            description=args.description,
            defaults=args.around.functions,
            environment={**environment, **args.environment},
            allow=[*may_read(sources, args.around.dead_letters), *allow, *args.allow],
            memory_mb=args.memory_mb,
            timeout_seconds=args.timeout_seconds,
        ),
        opts,
    )
    late_alarm(name, function, args.around.functions.alarm_topic, opts)
    return function


def _consume(
    name: str,
    args: ConsumerArgs,
    source: EventStream | Table,
    function: Function,
    opts: ResourceOptions,
    **limits: int,
) -> None:
    StreamConsumer(
        name,
        StreamConsumerArgs(
            source=source,
            function=function,
            on_failure=args.around.dead_letters,
            batch_size=args.batch_size,
            window_seconds=args.window_seconds,
            **limits,
        ),
        opts,
    )
