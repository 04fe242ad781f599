"""The trackers whose events the pumper sends, and what each needs of a batch."""

from dataclasses import dataclass

from pumper import segment, snowplow
from pumper.batches import LARGEST_BATCH, LARGEST_BATCH_BYTES
from pumper.catalogue import Catalogue
from pumper.google_analytics import GoogleAnalytics
from pumper.hits import Encoder
from pumper.stream_records import SpellTime, StreamRecords, Writer
from pumper.visitors import Visitors

GOOGLE_ANALYTICS, SEGMENT, SNOWPLOW = "google-analytics", "segment", "snowplow"

# PutRecords takes 500 records and 5 MiB (Amazon Kinesis Data Streams quotas). An event of several records, an order
# of Snowplow's, takes a second call.
LARGEST_PUT, LARGEST_PUT_BYTES = 500, 4_000_000


@dataclass(frozen=True, kw_only=True)
class Tracker:
    """largest, bytes: of one batch, in hits. output: the stack's, that names the stream; None goes over HTTP."""

    name: str
    largest: int
    bytes: int
    output: str | None = None
    source: str = ""
    """The setting that makes the stream."""
    spell_time: SpellTime | None = None


TRACKERS = {
    GOOGLE_ANALYTICS: Tracker(name=GOOGLE_ANALYTICS, largest=LARGEST_BATCH, bytes=LARGEST_BATCH_BYTES),
    SEGMENT: Tracker(
        name=SEGMENT,
        largest=LARGEST_PUT,
        bytes=LARGEST_PUT_BYTES,
        output="segment_stream",
        source="sources.segment",
        spell_time=segment.spell_time,
    ),
    SNOWPLOW: Tracker(
        name=SNOWPLOW,
        largest=LARGEST_PUT,
        bytes=LARGEST_PUT_BYTES,
        output="enriched_stream",
        source="sources.enriched",
        spell_time=snowplow.spell_time,
    ),
}


def encoder(tracker: str, catalogue: Catalogue, visitors: Visitors, *, salt: int) -> Encoder:
    """What makes a tracker's hits."""
    if tracker == GOOGLE_ANALYTICS:
        return GoogleAnalytics(catalogue, visitors, salt=salt)
    writer: Writer = segment.Segment() if tracker == SEGMENT else snowplow.Snowplow()
    return StreamRecords(catalogue, visitors, writer, salt=salt)
