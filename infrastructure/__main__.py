"""The platform, from the first hit to the warehouse. What each part consists of is in `components/`."""

import sys
from pathlib import Path

import pulumi

# Pulumi runs this folder as a script; the project's root makes it the package `infrastructure`.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from infrastructure import settings as configuration
from infrastructure.applications import deploy as applications
from infrastructure.components.collector import Collector, CollectorArgs
from infrastructure.components.delivery import Delivery, DeliveryArgs
from infrastructure.components.event_lake import BAD, RAW, EventLake, EventLakeArgs
from infrastructure.components.event_stream import EventStream, EventStreamArgs
from infrastructure.components.function import FunctionDefaults
from infrastructure.components.segment_access import SegmentAccess, SegmentAccessArgs
from infrastructure.components.snowpipe import Snowpipe, SnowpipeArgs
from infrastructure.components.warehouse import Warehouse, WarehouseArgs
from infrastructure.packaging import Platform

settings = configuration.load()
watched = {"logs_days": settings.retention.logs_days, "alarm_topic": settings.alarm_topic}
buffers = settings.delivery.model_dump()
functions = FunctionDefaults(platform=Platform(**settings.functions.model_dump()), **watched)

lake = EventLake(
    "lake",
    EventLakeArgs(
        force_destroy=settings.force_destroy,
        **settings.retention.model_dump(exclude={"logs_days"}),
    ),
)
bad_rows = Delivery("bad", DeliveryArgs(lake=lake, prefix=BAD, **buffers, **watched))
if settings.realtime:
    events = EventStream("events", EventStreamArgs(**settings.stream.model_dump(), alarm_topic=settings.alarm_topic))
    raw = Delivery("raw", DeliveryArgs(lake=lake, prefix=RAW, source=events, **buffers, **watched))
    pulumi.export("events_stream", events.name)
else:
    events = raw = Delivery("raw", DeliveryArgs(lake=lake, prefix=RAW, **buffers, **watched))
collector = Collector(
    "collect",
    CollectorArgs(
        destination=events,
        bad_rows=bad_rows,
        lake=lake,
        functions=functions,
        privacy=settings.privacy.environment(),
        **settings.collect.model_dump(),
        **settings.api.model_dump(),
    ),
)
sources = {"events": events} if isinstance(events, EventStream) else {}
if settings.sources.enriched:
    sources["enriched"] = EventStream(
        "enriched", EventStreamArgs(**settings.sources.enriched.model_dump(), alarm_topic=settings.alarm_topic)
    )
    pulumi.export("enriched_stream", sources["enriched"].name)
if settings.sources.segment:
    sources["segment"] = EventStream(
        "segment", EventStreamArgs(**settings.sources.segment.stream.model_dump(), alarm_topic=settings.alarm_topic)
    )
    segment = SegmentAccess(
        "segment",
        SegmentAccessArgs(stream=sources["segment"], external_id=settings.sources.segment.external_id),
    )
    pulumi.export("segment_stream", sources["segment"].name)
    pulumi.export("segment_role_arn", segment.role_arn)
applications.deploy(
    settings.applications,
    sources=sources,
    lake=lake,
    bad_rows=bad_rows,
    functions=functions,
    protect=not settings.force_destroy,
)
if settings.snowflake:
    database = settings.snowflake.database or f"{pulumi.get_project()}_{pulumi.get_stack()}".upper().replace("-", "_")
    warehouse = Warehouse(
        "warehouse",
        WarehouseArgs(
            database=database,
            size=settings.snowflake.warehouse_size,
            auto_suspend_seconds=settings.snowflake.auto_suspend_seconds,
            public_key=settings.snowflake.public_key,
        ),
    )
    pipe = Snowpipe("logs", SnowpipeArgs(lake=lake, prefix=RAW, warehouse=warehouse))
    pulumi.export("snowflake_database", warehouse.database.name)
    pulumi.export("snowflake_schema", warehouse.raw.name)
    pulumi.export("snowflake_table", pipe.table.name)
    pulumi.export("snowflake_stage", pipe.stage.name)
    pulumi.export("snowflake_pipe", pipe.pipe.name)
    pulumi.export("snowflake_warehouse", warehouse.warehouse.name)
    pulumi.export("snowflake_role_ro", warehouse.read_only.name)
    pulumi.export("snowflake_role_rw", warehouse.read_write.name)
    pulumi.export("snowflake_user", warehouse.user.name)
lake.notify()

pulumi.export("collect_url", pulumi.Output.concat(collector.url, "/collect"))
pulumi.export("batch_url", pulumi.Output.concat(collector.url, "/batch"))
pulumi.export("collect_log_group", collector.log_group)
pulumi.export("collect_function", collector.function)
pulumi.export("bucket", lake.name)
pulumi.export("raw_delivery_stream", raw.name)
pulumi.export("bad_delivery_stream", bad_rows.name)
