"""What has been sent and how it was answered."""

from collections import Counter
from dataclasses import dataclass, field
from math import ceil, log2
from typing import Any

_STEPS_A_DOUBLING = 32  # a latency is known to 1/32 of a doubling, which is 2.2 %


class Latencies:
    """Seconds, counted in steps that grow by 2.2 %: percentiles in constant memory."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()

    def add(self, seconds: float, count: int = 1) -> None:
        self._counts[ceil(log2(max(seconds, 1e-6)) * _STEPS_A_DOUBLING)] += count

    def percentile(self, percent: float) -> float | None:
        """Seconds that so many percent stay within; None when nothing was measured."""
        wanted = self._counts.total() * percent / 100
        for step in sorted(self._counts):
            wanted -= self._counts[step]
            if wanted <= 0:
                return 2 ** (step / _STEPS_A_DOUBLING)
        return None


@dataclass
class Tally:
    """Figures of one run, in hits unless said otherwise. sent = accepted + rejected + failed."""

    accepted: int = 0
    """In answers of 2xx, less those the collector says it put among the bad rows."""
    rejected: int = 0
    """In answers of 4xx, and those the collector put among the bad rows."""
    failed: int = 0
    """Never answered with either, after all attempts."""
    retried: int = 0
    """Sent once more, each time counted: a collector may have taken them the first time."""
    duplicates: int = 0
    """Sent with an id that this run had sent before, because the dataset holds the row twice."""
    requests: int = 0
    bytes: int = 0
    """Of bodies, repeated ones too."""
    statuses: Counter[str] = field(default_factory=Counter)
    """Requests by what came of them: the status, or the error's name."""
    latencies: Latencies = field(default_factory=Latencies)

    @property
    def sent(self) -> int:
        return self.accepted + self.rejected + self.failed

    @property
    def troubled(self) -> int:
        """Hits that did not arrive as events."""
        return self.rejected + self.failed

    def figures(self) -> dict[str, Any]:
        """The figures as JSON has them; latencies in milliseconds."""
        percentiles = {f"p{percent}": self.latencies.percentile(percent) for percent in (50, 95, 99)}
        return {
            "sent": self.sent,
            "accepted": self.accepted,
            "rejected": self.rejected,
            "failed": self.failed,
            "retried": self.retried,
            "duplicates": self.duplicates,
            "requests": self.requests,
            "bytes": self.bytes,
            "statuses": dict(self.statuses),
            "latency_ms": {name: value and round(value * 1000, 2) for name, value in percentiles.items()},
        }
