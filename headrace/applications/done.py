"""What the real-time applications of a stack have done, read from what they keep."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headrace.applications.effects import Effects
from headrace.applications.failures import Failures, read_failures
from headrace.applications.feed import Fed, from_metrics, from_record
from headrace.applications.levels import Levels, read_levels
from headrace.applications.offers import Offers, offers_of
from headrace.applications.promotions import Promotion, read_promotions
from headrace.effects import Effect
from headrace.hops.cloud import Cloud

OURS = frozenset({"offers", "loyalty", "recommendations", "live_counts"})


@dataclass(frozen=True, kw_only=True)
class Other:
    """An application that somebody added: its effects, done and waiting, by kind."""

    application: str
    done: Mapping[str, int]
    waiting: int


@dataclass(frozen=True, kw_only=True)
class Done:
    """Of each application that is on. complete: False where there are more effects than were read."""

    applications: tuple[str, ...]
    offers: Offers | None
    promotions: tuple[Promotion, ...] | None
    fed: Fed | None
    levels: Levels | None
    others: tuple[Other, ...]
    failures: Failures
    complete: bool


def read_done(cloud: Cloud, folder: Path, published: Mapping[str, Any], effects: Effects) -> Done:
    """folder: the stack's. published: its outputs, of a stack with applications. Raises botocore's errors."""
    dynamodb = cloud.client("dynamodb")
    applications = tuple(published["applications"])
    others = [name for name in applications if name not in OURS]
    return Done(
        applications=applications,
        offers=offers_of(effects.of("offers")) if "offers" in applications else None,
        promotions=read_promotions(dynamodb, published["loyalty_counts_table"]) if "loyalty" in applications else None,
        fed=_fed(cloud, folder) if "recommendations" in applications else None,
        levels=read_levels(dynamodb, cloud.client("s3"), published) if "live_counts" in applications else None,
        others=tuple(_other(name, effects.of(name)) for name in others),
        failures=read_failures(cloud.client("sqs"), published["dead_letters_url"]),
        complete=effects.complete,
    )


def _fed(cloud: Cloud, folder: Path) -> Fed:
    return from_record(folder) if cloud.embedded else from_metrics(cloud.client("cloudwatch"))


def _other(name: str, effects: Sequence[Effect]) -> Other:
    done = Counter(effect.kind for effect in effects if effect.performed_at is not None)
    return Other(application=name, done=dict(done), waiting=len(effects) - done.total())
