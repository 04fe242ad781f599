"""The canonical Event, and the decoders that make one of whatever stands in a stream."""
