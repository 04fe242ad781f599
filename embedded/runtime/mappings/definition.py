"""A mapping between a stream and a function, as Lambda's API describes it."""

ENABLED_TAG = "headrace:enabled"
SINCE_TAG = "headrace:starting-position-timestamp"
