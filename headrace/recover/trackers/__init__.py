"""The protocols whose bad rows can be sent again: one file each."""

from headrace.recover.trackers import google_analytics, segment, snowplow

TRACKERS = {one.TRACKER.protocol: one.TRACKER for one in (google_analytics, segment, snowplow)}
