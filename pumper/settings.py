"""What a run is asked to do: options over environment over .env, checked before anything is read or sent."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from headrace.console import Problem
from headrace.home import outputs, stack_folder
from pumper.rows import BROWSING_FILE, CATALOGUE_FILE, SEARCH_FILE
from pumper.stream_sender import Stream
from pumper.trackers import GOOGLE_ANALYTICS, TRACKERS, Tracker

NOW, REPLAY, RATE = "now", "replay", "rate"
DEFAULT_EVENTS = 5_000
"""Of the synthetic dataset, when no number is asked for."""
MOST_LANES = 512
LARGEST_SEED = 2**32 - 1


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A checked request.

    url: the collector's /collect; of a stream, a name for it. deployed: whether the report counts the run.
    dataset: None for a synthetic one. events: None for all there are.
    rate: hits a second. speedup: None for no waiting. ending_now: shift times so that the last event lands now.
    """

    stack: str
    url: str
    deployed: bool
    dataset: Path | None
    events: int | None
    mode: str
    rate: float | None
    speedup: float | None
    ending_now: bool
    concurrency: int
    batch_size: int
    seed: int
    fresh: bool
    resume: bool
    strict: bool
    as_json: bool
    tracker: Tracker = TRACKERS[GOOGLE_ANALYTICS]
    stream: Stream | None = None
    """Where the tracker's events go that do not go to the collector."""

    @property
    def target(self) -> str:
        """Where requests go: /batch, or /collect for one hit at a time."""
        if self.batch_size == 1:
            return self.url
        parts = urlsplit(self.url)
        base = parts.path.rstrip("/").removesuffix("/collect")
        return urlunsplit(parts._replace(path=f"{base}/batch"))

    @property
    def folder(self) -> Path:
        return stack_folder(self.stack)


def mode_of(*, now: bool, replay: bool, rate: str | None, speedup: str | None, ending: str | None) -> str:
    """The one mode asked for. Raises Problem for two, and for options of another mode."""
    asked = [name for name, given in ((f"--{NOW}", now), (f"--{REPLAY}", replay), (f"--{RATE}", rate)) if given]
    if len(asked) > 1:
        raise Problem(f"{' and '.join(asked)} exclude each other", "give one of them")
    for name, value in (("--speedup", speedup), ("--ending", ending)):
        if value and not replay:
            raise Problem(f"{name} is for --replay, which keeps the dataset's times", f"add --replay or drop {name}")
    return RATE if rate else REPLAY if replay else NOW


def ending_of(text: str | None) -> bool:
    """Whether --ending now was given. Raises Problem for other values."""
    if text not in (None, "now"):
        raise Problem(f"--ending is '{text}'", "the one value is `now`: the last event lands at the run's beginning")
    return text == "now"


def speedup_of(text: str | None) -> float | None:
    """How many times faster than the data; None for `max`."""
    if text == "max":
        return None
    return positive(text, "--speedup", "a number above zero, or `max` for no waiting") if text else 1.0


def positive(text: str, name: str, wanted: str) -> float:
    """A number above zero. Raises Problem."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise Problem(f"{name} is '{text}'", f"give {wanted}")
    return number


def events_of(text: str | None) -> int | None:
    """N_EVENTS as a number; None when it is not given."""
    if not text:
        return None
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise Problem(
            f"N_EVENTS is '{text}', not a whole number above zero",
            "give --n-events or N_EVENTS a number such as 5000, or leave it out for all events",
        )
    return number


def whole(number: int, name: str, low: int, high: int) -> int:
    """A number within bounds. Raises Problem."""
    if not low <= number <= high:
        raise Problem(f"{name} is {number}", f"give a number from {low:,} to {high:,}")
    return number


def batch_size_of(number: int | None, tracker: Tracker) -> int:
    """Hits a request; as many as it takes unless told otherwise."""
    return tracker.largest if number is None else whole(number, "--batch-size", 1, tracker.largest)


def tracker_of(name: str | None, url: str | None) -> Tracker:
    """The tracker asked for by --as. Raises Problem for another, and for one with a collector's URL."""
    if name is not None and name not in TRACKERS:
        raise Problem(f"--as is '{name}'", f"give one of {', '.join(TRACKERS)}")
    tracker = TRACKERS[name or GOOGLE_ANALYTICS]
    if tracker.output is not None and url:
        raise Problem(
            f"--url is a collector's, and --as {tracker.name} writes to the stack's stream",
            "leave out --url, or --as",
        )
    return tracker


def stream_of(tracker: Tracker, stack: str, *, connections: int) -> Stream | None:
    """The stack's stream for a tracker; None for one whose hits go to the collector. Raises Problem where it is not."""
    if tracker.output is None:
        return None
    name = outputs(stack).get(tracker.output)
    if not name:
        raise no_stream(stack, tracker.source)
    from pumper.kinesis import open_stream  # boto3 is slow to load, and most runs do not need it

    return open_stream(stack, str(name), connections=connections)


def dataset_of(text: str | None) -> Path | None:
    """The dataset's folder. Raises Problem when it or one of its files is missing."""
    if not text:
        return None
    folder = Path(text).expanduser()
    if not folder.is_dir():
        raise Problem(
            f"DATA_FOLDER {folder} is not a folder",
            "give the folder that holds the Coveo dataset's files, or leave it out to use a synthetic dataset",
        )
    missing = [name for name in (BROWSING_FILE, SEARCH_FILE, CATALOGUE_FILE) if not (folder / name).is_file()]
    if missing:
        raise Problem(
            f"DATA_FOLDER {folder} lacks {', '.join(missing)}",
            "unpack the dataset's archives there, without folders within",
        )
    return folder


def no_stream(stack: str, source: str) -> Problem:
    """What to say where a stack lacks the stream."""
    return Problem(
        f"stack '{stack}' has no stream for that: its setting {source} is off",
        f"give headrace:{source.partition('.')[0]} a section `{source.rpartition('.')[2]}` in Pulumi.{stack}.yaml "
        f"and run `make up{'' if stack == 'local' else f' STACK={stack}'}`",
    )


def url_of(text: str | None, stack: str) -> tuple[str, bool]:
    """The collector's URL, and whether it is the deployed stack's."""
    try:
        deployed = str(outputs(stack)["collect_url"])
    except Problem as problem:
        if not text:
            cause = f"nothing is deployed as stack '{stack}', so there is nowhere to send events"
            raise Problem(cause, f"{problem.cure}, or give COLLECT_URL") from None
        deployed = None
    url = text or deployed or ""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise Problem(f"COLLECT_URL '{url}' is not a URL", "give something like https://example.com/collect")
    return url, url == deployed
