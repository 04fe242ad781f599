"""How long an event may be on its way."""

from headrace.hops.cloud import Cloud

# Beyond Firehose's buffer: the embedded pipe loads at once, Snowpipe is said to take minutes.
PATIENCE_SECONDS = {"embedded": 15, "cloud": 180}


def patience_seconds(cloud: Cloud, delivery_stream: str) -> float:
    """How long nothing may move before what is missing counts as lost. Raises botocore's errors."""
    answer = cloud.client("firehose").describe_delivery_stream(DeliveryStreamName=delivery_stream)
    (destination,) = answer["DeliveryStreamDescription"]["Destinations"]
    held_back = destination["ExtendedS3DestinationDescription"]["BufferingHints"]["IntervalInSeconds"]
    return held_back + PATIENCE_SECONDS["embedded" if cloud.embedded else "cloud"]
