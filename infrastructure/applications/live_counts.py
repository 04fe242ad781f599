"""Live counts: players' places, how many are at each level, who moved where, and two files of it every minute."""

from collections.abc import Mapping

import pulumi
from pulumi import ResourceOptions

from infrastructure.applications.application import ConsumerArgs, Surroundings, source_consumer
from infrastructure.components.event_lake import LIVE_COUNTS
from infrastructure.components.function import Function, FunctionArgs
from infrastructure.components.policies import Allow
from infrastructure.components.schedule import every_minutes
from infrastructure.components.table import Table, TableArgs
from infrastructure.settings import LiveCountsSettings

# A batch gathers for a moment, so that players share the writes of a level; the files are a minute apart anyway. It is
# whatever came in that moment: as many as are brought to their levels within the time-out if each is another player's.
WINDOW_SECONDS = 1
BATCH_SIZE = 5_000

# Shorter than the schedule's minute, so that runs do not overlap.
SCHEDULED_TIMEOUT_SECONDS = 50


class LiveCounts(pulumi.ComponentResource):
    """The tables by the names of their rows, and the functions `place`, `prune` and `flush`."""

    def __init__(
        self, name: str, settings: LiveCountsSettings, around: Surroundings, opts: ResourceOptions | None = None
    ) -> None:
        super().__init__("headrace:application:LiveCounts", name, None, opts)
        child = ResourceOptions(parent=self)
        keys = {
            "players": "playerId",
            "levels": "levelId",
            "transitions": "transitionLevels",
            "sightings": "shard",
        }
        tables = {
            table: Table(
                f"{name}-{table}",
                TableArgs(key=key, protect=around.protect, alarm_topic=around.functions.alarm_topic),
                child,
            )
            for table, key in keys.items()
        }
        self.players, self.levels = tables["players"], tables["levels"]
        self.transitions, self.sightings = tables["transitions"], tables["sightings"]
        environment: dict[str, pulumi.Input[str]] = {
            "STATE_TABLE": self.players.name,
            "LEVELS_TABLE": self.levels.name,
            "TRANSITIONS_TABLE": self.transitions.name,
            "SIGHTINGS_TABLE": self.sightings.name,
            "GONE_AFTER_SECONDS": str(settings.gone_after_seconds),
        }
        source_consumer(
            f"{name}-place",
            ConsumerArgs(
                package="live_counts",
                module="place",
                description="Brings players to the level where their newest event says that they are.",
                around=around,
                environment={**environment, "LEVEL": settings.level},
                allow=[*self.may_move(), Allow(actions=("dynamodb:PutItem",), resources=[self.sightings.arn])],
                batch_size=BATCH_SIZE,
                window_seconds=WINDOW_SECONDS,
            ),
            child,
        )
        prune = Function(
            f"{name}-prune",
            FunctionArgs(
                package="live_counts",
                module="prune",
                description="Has players leave who were not seen for too long.",
                defaults=around.functions,
                environment=environment,
                allow=[*self.may_move(), Allow(actions=("dynamodb:Scan",), resources=[self.players.arn])],
                memory_mb=512,
                timeout_seconds=SCHEDULED_TIMEOUT_SECONDS,
            ),
            child,
        )
        flush = Function(
            f"{name}-flush",
            FunctionArgs(
                package="live_counts",
                module="flush",
                description="Writes who is at which level, and who moved where, to S3.",
                defaults=around.functions,
                environment={**environment, "BUCKET": around.lake.name},
                allow=[
                    Allow(
                        actions=("dynamodb:Scan", "dynamodb:DeleteItem"),
                        resources=[self.levels.arn, self.transitions.arn],
                    ),
                    Allow(
                        actions=("dynamodb:PutItem", "dynamodb:UpdateItem"),
                        resources=[self.transitions.arn],
                    ),
                    Allow(actions=("s3:PutObject",), resources=[around.lake.objects(LIVE_COUNTS)]),
                ],
                timeout_seconds=SCHEDULED_TIMEOUT_SECONDS,
            ),
            child,
        )
        every_minutes(f"{name}-prune", 1, prune, child)
        every_minutes(f"{name}-flush", 1, flush, child)
        self.register_outputs({})

    def may_move(self) -> list[Allow]:
        """Reading and writing players' rows with their counts, and reading what shards remember."""
        return [
            Allow(
                actions=("dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"),
                resources=[self.players.arn],
            ),
            Allow(actions=("dynamodb:UpdateItem",), resources=[self.levels.arn, self.transitions.arn]),
            Allow(actions=("dynamodb:Scan",), resources=[self.sightings.arn]),
        ]


def deploy(settings: LiveCountsSettings, around: Surroundings) -> Mapping[str, pulumi.Input[str]]:
    """Deploys the counts; returns the stack's outputs."""
    counts = LiveCounts("live-counts", settings, around)
    return {
        "live_counts_players_table": counts.players.name,
        "live_counts_levels_table": counts.levels.name,
        "live_counts_transitions_table": counts.transitions.name,
        "live_counts_sightings_table": counts.sightings.name,
        "live_counts_prefix": LIVE_COUNTS,
    }
