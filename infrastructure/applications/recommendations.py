"""The recommendation feed: one function that tells Amazon Personalize what visitors do with products."""

from collections.abc import Mapping

import pulumi
from pulumi import ResourceOptions

from infrastructure.applications.application import ConsumerArgs, Surroundings, source_consumer
from infrastructure.components.policies import Allow
from infrastructure.settings import RecommendationsSettings

# A batch gathers for a moment, so that a visitor's clicks share a call; recommendations follow within a second or two.
WINDOW_SECONDS = 1

# Room for a batch in which every record is a visitor of its own, and for repeating what is throttled.
TIMEOUT_SECONDS = 60


class Recommendations(pulumi.ComponentResource):
    """The feed into one event tracker."""

    def __init__(
        self, name: str, settings: RecommendationsSettings, around: Surroundings, opts: ResourceOptions | None = None
    ) -> None:
        super().__init__("headrace:application:Recommendations", name, None, opts)
        source_consumer(
            name,
            ConsumerArgs(
                package="recommendations",
                description="Tells Amazon Personalize which products visitors click, add and buy.",
                around=around,
                environment={
                    "TRACKING_ID": settings.tracking_id,
                    "ITEM_PROPERTY": settings.item_property,
                    "PRODUCT_VIEWS": str(settings.product_views).lower(),
                },
                # AWS defines no resource for it: PutEvents names its tracker by an id in the request.
                allow=[Allow(actions=("personalize:PutEvents",), resources=["*"])],
                window_seconds=WINDOW_SECONDS,
                timeout_seconds=TIMEOUT_SECONDS,
            ),
            ResourceOptions(parent=self),
        )
        self.register_outputs({})


def deploy(settings: RecommendationsSettings, around: Surroundings) -> Mapping[str, pulumi.Input[str]]:
    """Deploys the feed; returns the stack's outputs."""
    Recommendations("recommendations", settings, around)
    return {"personalize_tracking_id": settings.tracking_id}
