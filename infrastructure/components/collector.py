"""The collector: the function that turns hits into events, its HTTP API, and the one that puts spilled ones again."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
from pulumi import ResourceOptions

from infrastructure.components.delivery import DIRECT_PUT, Delivery
from infrastructure.components.event_lake import SPILL, SPILL_ERRORS, EventLake
from infrastructure.components.event_stream import EventStream
from infrastructure.components.function import Function, FunctionArgs, FunctionDefaults
from infrastructure.components.http_api import ANY_SITE, HttpApi, HttpApiArgs
from infrastructure.components.policies import Allow
from infrastructure.components.schedule import every_minutes

ROUTES = (
    "POST /collect",
    "GET /collect",
    "POST /batch",
    # /r/collect, /j/collect, /debug/collect
    "POST /{kind}/collect",
    "GET /{kind}/collect",
    # one of Segment's: the function knows which there are
    "POST /v1/{call}",
    "POST /com.snowplowanalytics.snowplow/tp2",
    "GET /com.snowplowanalytics.snowplow/tp2",
    "GET /i",
    "GET /ice.png",
)


@dataclass(frozen=True, kw_only=True)
class CollectorArgs:
    """Where events and bad rows go, and the API's limits.

    destination: the stream, or where there is none, the delivery stream that takes events directly.
    privacy: the environment that tells the function what to keep of people. write_keys: of Segment's libraries.
    """

    destination: EventStream | Delivery
    bad_rows: Delivery
    lake: EventLake
    functions: FunctionDefaults
    privacy: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    write_keys: tuple[str, ...] = ()
    memory_mb: int = 256
    timeout_seconds: int = 10
    reserved_concurrency: int | None = None
    rate_limit: int = 2000
    burst_limit: int = 1000
    allowed_origins: tuple[str, ...] = ANY_SITE


class Collector(pulumi.ComponentResource):
    """`url` takes what trackers send, each at its protocol's own paths. log_group: where each request is told of."""

    def __init__(self, name: str, args: CollectorArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("headrace:collector:Collector", name, None, opts)
        child = ResourceOptions(parent=self)
        collect = Function(
            name,
            FunctionArgs(
                package="collect",
                description="Turns hits into events, and bad ones into bad rows.",
                defaults=args.functions,
                environment={**destinations(args), **args.privacy, "WRITE_KEYS": ",".join(args.write_keys)},
                allow=[*may_put(args), Allow(actions=("s3:PutObject",), resources=[args.lake.objects(SPILL)])],
                memory_mb=args.memory_mb,
                timeout_seconds=args.timeout_seconds,
                reserved_concurrency=args.reserved_concurrency,
            ),
            child,
        )
        api = HttpApi(
            name,
            HttpApiArgs(
                function=collect,
                routes=ROUTES,
                rate_limit=args.rate_limit,
                burst_limit=args.burst_limit,
                allowed_origins=args.allowed_origins,
                logs_days=args.functions.logs_days,
                alarm_topic=args.functions.alarm_topic,
            ),
            child,
        )
        reingest = Function(
            "reingest",
            FunctionArgs(
                package="reingest",
                description="Puts events again that the stream refused.",
                defaults=args.functions,
                environment=destinations(args),
                allow=[
                    *may_put(args),
                    Allow(
                        actions=("s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
                        resources=[args.lake.objects(SPILL)],
                    ),
                    Allow(actions=("s3:PutObject",), resources=[args.lake.objects(SPILL_ERRORS)]),
                    Allow(
                        actions=("s3:ListBucket",),
                        resources=[args.lake.arn],
                        conditions={"StringLike": {"s3:prefix": f"{SPILL}*"}},
                    ),
                ],
                timeout_seconds=240,  # shorter than the schedule's period, so that runs do not overlap
            ),
            child,
        )
        every_minutes("reingest", 5, reingest, child)
        self.url, self.function, self.log_group = api.url, collect.name, collect.log_group
        self.register_outputs({"url": self.url})


def destinations(args: CollectorArgs) -> dict[str, pulumi.Input[str]]:
    """The environment that tells a function where to put events."""
    variable = "EVENTS_STREAM" if isinstance(args.destination, EventStream) else "RAW_DELIVERY_STREAM"
    return {
        variable: args.destination.name,
        "BAD_DELIVERY_STREAM": args.bad_rows.name,
        "BUCKET": args.lake.name,
    }


def may_put(args: CollectorArgs) -> list[Allow]:
    """The permissions that go with `destinations`."""
    if isinstance(args.destination, EventStream):
        return [
            Allow(actions=("kinesis:PutRecords",), resources=[args.destination.arn]),
            Allow(actions=DIRECT_PUT, resources=[args.bad_rows.arn]),
        ]
    return [Allow(actions=DIRECT_PUT, resources=[args.destination.arn, args.bad_rows.arn])]
