"""`headrace events`: good and bad rows as they come, in the terminal."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from headrace.console import Problem, console, errors
from headrace.events.display import as_json, show
from headrace.events.feed import Feed
from headrace.events.filters import Filter
from headrace.events.rows import Row
from headrace.home import outputs
from headrace.hops.cloud import Cloud, aws_problems


def events(stack: str, wanted: Filter, *, last: int, json_lines: bool, follow: bool) -> None:
    """Prints the last rows that the filter holds, and then those that come until it is interrupted.

    Raises Problem where nothing is deployed, the filter can hold nothing, or the cloud does not answer.
    """
    if wanted.good is False and wanted.name:
        raise Problem("bad rows have no event name, because nobody could read them", "look for text with --grep")
    published = outputs(stack)
    print_row: Callable[[Row], None] = _print_json if json_lines else show
    with aws_problems(stack), _until_nobody_reads():
        cloud = Cloud(stack)
        good = True if wanted.name else wanted.good
        feed = Feed(cloud, published, good)
        rows = feed.newest(last, wanted.holds)
        for row in rows:
            print_row(row)
        if not rows and not follow:
            errors.print(f"nothing to show: no row in stack '{stack}' is like this", style="dim")
        if follow:
            errors.print(f"-- {_delay(cloud, published, good)}; ^C ends --", style="dim")
            _follow(feed, wanted, print_row)


def _follow(feed: Feed, wanted: Filter, print_row: Callable[[Row], None]) -> None:
    while True:
        for row in feed.new():
            if wanted.holds(row):
                print_row(row)
        sys.stdout.flush()
        time.sleep(feed.pause)


def _delay(cloud: Cloud, published: Mapping[str, Any], good: bool | None) -> str:
    """How soon rows can be here."""
    buffered = delivery_seconds(cloud, published)
    late = f"{buffered} s after" if buffered else "as soon as"
    of_stream = "events_stream" in published
    if good is False:
        return f"bad rows come up to {late} they were sent"
    if good is True:
        return "good rows come at once" if of_stream else f"good rows come up to {late} they were sent"
    if of_stream:
        return f"good rows come at once, bad ones up to {late} they were sent"
    return f"rows come up to {late} they were sent"


def delivery_seconds(cloud: Cloud, published: Mapping[str, Any]) -> int:
    """How long Firehose keeps a bad row back at most. Raises botocore's errors."""
    answer = cloud.client("firehose").describe_delivery_stream(DeliveryStreamName=published["bad_delivery_stream"])
    (destination,) = answer["DeliveryStreamDescription"]["Destinations"]
    return destination["ExtendedS3DestinationDescription"]["BufferingHints"]["IntervalInSeconds"]


def _print_json(row: Row) -> None:
    print(as_json(row))


@contextmanager
def _until_nobody_reads() -> Iterator[None]:
    """Ends in peace where the output goes to a `head` that has seen enough."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains once more as it ends
        console.quiet = True
