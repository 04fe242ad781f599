"""What a request came to: its hits as envelopes, its faults as bad rows, and the status they come to."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from collect.hiding import Hide, Hiding, Pseudonym
from collect.reasons import Reason, Refused
from collect.sender import Declined, Outcome
from shared.bad_rows import bad_row
from shared.envelope import Envelopes, Hit, Request, partition_key
from shared.puts import Item

# What a protocol's bad rows hold beside the fields that all have: of the payload that a row keeps, and the size that it
# had.
Describe = Callable[[Refused, bytes, int, Request, Hiding], Mapping[str, object]]

Response = dict[str, object]

# A record of Firehose is at most 1,000 KiB with its newline, one of Kinesis 1 MiB with its key, and one too large fails
# its whole put.
MAX_LINE_BYTES = 1_000_000

# Of all lines of one request. Each repeats what the request says for all of its hits, its headers above all, so that a
# body of a hundred bytes could come to fifty megabytes. A browser's full batch, of Segment's messages, comes to eight.
MAX_LINES_BYTES = 10_000_000


class TooMuch(Refused):
    """A request of which more would be stored than MAX_LINES_BYTES: nothing of it is, but that it was there."""

    def __init__(self) -> None:
        super().__init__(
            Reason.BATCH_TOO_LARGE, f"over {MAX_LINES_BYTES} bytes, headers and what it says for all with each hit"
        )


@dataclass(slots=True)
class Intake:
    """What a request came to.

    route: for logs, so never a path a stranger made up. full_addresses: whether IP addresses are stored whole, rather
    than truncated to /24 and /48. answer: makes the response of this. describe: see there. pseudonym: of the user ids
    in what was refused; None where ids are stored as they are. hide: see there. cookies: what the client sent, for an
    answer that sets one again. unwanted: whether the visitor behind these bytes does not want them kept. only_400:
    whether 400 stands for every 4xx. declined: hits not kept because their visitor does not want them to be. repeated:
    events that came twice in this one request, by their ids: whoever counts what was stored finds those once. message:
    what the first refusal said. outcomes: where nothing is kept, what would have been, for an answer that tells.
    """

    request: Request
    protocol: str
    route: str
    full_addresses: bool
    answer: "Callable[[Intake], Response]"
    describe: Describe | None = None
    pseudonym: Pseudonym | None = None
    hide: Hide | None = None
    cookies: Mapping[str, str] = field(default_factory=dict)
    unwanted: Callable[[bytes], bool] = lambda _: False
    only_400: bool = False
    events: list[Item] = field(default_factory=list)
    bad_rows: list[Item] = field(default_factory=list)
    declined: int = 0
    repeated: int = 0
    reasons: Counter[Reason] = field(default_factory=Counter)
    message: str = ""
    outcomes: list[tuple[bytes, Outcome]] = field(default_factory=list)
    _ids: set[str] = field(default_factory=set)
    _bytes: int = 0

    @property
    def status(self) -> int:
        """200 once anything was taken or declined; else the first other status that a reason has (collect.reasons)."""
        if self.events or self.declined:
            return 200
        status = next((reason.status for reason in self.reasons if reason.status != 200), 200)
        return 400 if self.only_400 and 400 <= status < 500 else status

    def response(self) -> Response:
        """What the client is told once everything is safe: stored, or spilled."""
        return self.answer(self)

    def wanted(self, raw: bytes, outcome: Outcome) -> Outcome:
        """The outcome; or Declined, where the visitor does not want it kept. What a hit says its protocol has heard."""
        seen = _at_fault(outcome, raw) if isinstance(outcome, Refused) else b""
        return Declined() if self.unwanted(seen) else outcome

    def keep(self, raw: bytes, outcome: Outcome, envelopes: Envelopes) -> None:
        """Takes one hit in, whatever became of it. raw: its bytes. Raises TooMuch."""
        if isinstance(outcome, Hit):
            line = envelopes.line(outcome)
            if len(line) > MAX_LINE_BYTES:
                self.refuse(Refused(Reason.HIT_TOO_LARGE, f"an event's line holds {MAX_LINE_BYTES} bytes"), raw)
                return
            self._add(self.events, Item(line, partition_key(outcome.client_id)))
            self.repeated += outcome.request_id in self._ids
            self._ids.add(outcome.request_id)
        elif isinstance(outcome, Declined):
            self.declined += 1
        else:
            self.refuse(outcome, raw)

    def refuse(self, refused: Refused, raw: bytes) -> None:
        """Makes a bad row, unless its visitor would not want it. Counts the refusal. Raises TooMuch."""
        self.reasons[refused.reason] += 1
        self.message = self.message or refused.message
        payload = _at_fault(refused, raw)
        if self.unwanted(payload):
            return
        hiding = Hiding(self.pseudonym, self.request.anonymous, self.hide)
        kept = hiding.payload(payload)
        write = partial(
            bad_row,
            reason=refused.reason,
            message=refused.message,
            protocol=self.protocol,
            payload=kept,
            size=len(payload),
            request=self.request,
            full_addresses=self.full_addresses,
        )
        line = write(details=self.describe(refused, kept, len(payload), self.request, hiding) if self.describe else {})
        if len(line) > MAX_LINE_BYTES:  # what all rows have is never that much
            line = write()
        self._add(self.bad_rows, Item(line))

    def _add(self, lines: list[Item], item: Item) -> None:
        lines.append(item)
        self._bytes += len(item.data)
        if self._bytes > MAX_LINES_BYTES:
            raise TooMuch


def _at_fault(refused: Refused, raw: bytes) -> bytes:
    return raw if refused.payload is None else refused.payload
