"""API Gateway's throttling: a token bucket that holds `burst` requests and fills with `rate` a second."""

import time
from dataclasses import dataclass, field


@dataclass
class Throttle:
    """rate: requests a second, steadily; burst: how many may come at once. Neither given: nothing is held back."""

    rate: float | None = None
    burst: int | None = None
    _tokens: float = field(init=False, default=0.0)
    _filled: float = field(init=False, default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self._tokens = float(self.burst or 0)

    def admits(self, now: float | None = None) -> bool:
        """Whether one more request may pass at `now` (monotonic seconds; the present by default)."""
        if self.rate is None or self.burst is None:
            return True
        moment = time.monotonic() if now is None else now
        self._tokens = min(float(self.burst), self._tokens + (moment - self._filled) * self.rate)
        self._filled = moment
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
