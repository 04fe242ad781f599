"""Loyalty promotions: customers and their conversions, from streams and from dropped files, to decisions on the bus."""

from collections.abc import Mapping

import pulumi
from pulumi import ResourceOptions

from infrastructure.applications.application import (
    STATE,
    ConsumerArgs,
    Surroundings,
    change_consumer,
    source_consumer,
)
from infrastructure.components.delivery import DIRECT_PUT
from infrastructure.components.event_lake import LOYALTY, SPILL
from infrastructure.components.file_drop import FileQueue, FileQueueArgs
from infrastructure.components.function import Function, FunctionArgs
from infrastructure.components.policies import Allow
from infrastructure.components.table import Table, TableArgs
from infrastructure.settings import LoyaltySettings

MEMBERS, CONVERSIONS, RESULTS = f"{LOYALTY}members/", f"{LOYALTY}conversions/", f"{LOYALTY}results/"

# A customer's decisions of one batch stand in its item, each under 1 KB as it is written there: DynamoDB takes 400 KB.
BATCH_SIZE = 300

# A file that needs longer goes on in the next invocation; a function that hangs holds its file for six times as long.
LOAD_SECONDS = 120


class Loyalty(pulumi.ComponentResource):
    """Three functions: `handler` decides on events, `load` on dropped files, `announce` puts decisions on the bus."""

    def __init__(
        self, name: str, settings: LoyaltySettings, around: Surroundings, opts: ResourceOptions | None = None
    ) -> None:
        super().__init__("headrace:application:Loyalty", name, None, opts)
        child = ResourceOptions(parent=self)
        common = {"protect": around.protect, "alarm_topic": around.functions.alarm_topic}
        self.customers = Table(f"{name}-customers", TableArgs(key="customer", changes=True, **common), child)
        self.counts = Table(f"{name}-counts", TableArgs(key="counter", **common), child)
        self.files = Table(f"{name}-files", TableArgs(key="file", **common), child)
        source_consumer(
            name,
            ConsumerArgs(
                package="loyalty",
                description="Decides which conversions earn another promo code.",
                around=around,
                environment={"STATE_TABLE": self.customers.name, "PROMOTION": settings.promotion},
                allow=[Allow(actions=STATE, resources=[self.customers.arn])],
                batch_size=BATCH_SIZE,
            ),
            child,
        )
        change_consumer(
            f"{name}-announce",
            ConsumerArgs(
                package="loyalty",
                module="announce",
                description="Puts promo decisions on the bus, and counts conversions.",
                around=around,
                environment={"COUNTS_TABLE": self.counts.name, "EFFECTS_BUS": around.bus.name},
                allow=[
                    Allow(actions=("dynamodb:BatchGetItem",), resources=[around.effects.arn]),
                    Allow(actions=("dynamodb:UpdateItem",), resources=[self.counts.arn]),
                    Allow(actions=("events:PutEvents",), resources=[around.bus.arn]),
                ],
            ),
            self.customers,
            child,
        )
        self._load(name, around, child)
        self.register_outputs({})

    def _load(self, name: str, around: Surroundings, child: ResourceOptions) -> None:
        """The queue of dropped files, and the function that loads them."""
        lake = around.lake
        queue = FileQueue(
            f"{name}-files",
            FileQueueArgs(
                lake=lake,
                prefixes=[MEMBERS, CONVERSIONS],
                on_failure=around.dead_letters,
                function_timeout_seconds=LOAD_SECONDS,
                alarm_topic=around.functions.alarm_topic,
            ),
            child,
        )
        function = Function(
            f"{name}-load",
            FunctionArgs(
                package="loyalty",
                module="load",
                description="Loads files of members and of conversions.",
                defaults=around.functions,
                environment={
                    "STATE_TABLE": self.customers.name,
                    "FILES_TABLE": self.files.name,
                    "QUEUE_URL": queue.url,
                    "BUCKET": lake.name,
                    "BAD_DELIVERY_STREAM": around.bad_rows.name,
                },
                allow=[
                    queue.receive(),
                    Allow(actions=STATE, resources=[self.customers.arn, self.files.arn]),
                    Allow(
                        actions=("s3:GetObject", "s3:GetObjectVersion"),
                        resources=[lake.objects(MEMBERS), lake.objects(CONVERSIONS)],
                    ),
                    # Without it S3 says of an object that is gone only that it may not be read.
                    Allow(actions=("s3:ListBucket",), resources=[lake.arn]),
                    Allow(actions=("s3:PutObject",), resources=[lake.objects(RESULTS), lake.objects(SPILL)]),
                    Allow(actions=DIRECT_PUT, resources=[around.bad_rows.arn]),
                ],
                memory_mb=512,
                timeout_seconds=LOAD_SECONDS,
            ),
            child,
        )
        queue.deliver_to(function)


def deploy(settings: LoyaltySettings, around: Surroundings) -> Mapping[str, pulumi.Input[str]]:
    """Deploys the application; returns the stack's outputs."""
    found = Loyalty("loyalty", settings, around)
    return {
        "loyalty_customers_table": found.customers.name,
        "loyalty_counts_table": found.counts.name,
        "loyalty_files_table": found.files.name,
        "loyalty_files": pulumi.Output.concat("s3://", around.lake.name, "/", LOYALTY),
    }
