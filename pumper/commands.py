"""`python -m pumper`: options, environment and help."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from dotenv import load_dotenv

from headrace.console import Problem, console, one_line_errors
from headrace.home import PROJECT_FOLDER
from pumper import run as running
from pumper import settings as checked
from pumper.display import Display
from pumper.synthetic import Size
from pumper.synthetic import generate as generate_dataset

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="rich")

_MODE, _DATA, _SENDING, _IDS = "Mode (one of the first three)", "What is sent", "How it is sent", "Ids and repeating"


@app.callback(invoke_without_command=True)
def pump(
    context: typer.Context,
    now: Annotated[
        bool, typer.Option("--now", rich_help_panel=_MODE, help="As fast as it can; everything happens now (default).")
    ] = False,
    replay: Annotated[
        bool,
        typer.Option(
            "--replay",
            rich_help_panel=_MODE,
            help="By time, with the original gaps; hits carry their own time as queue time, so sessions come out as "
            "in the data.",
        ),
    ] = False,
    rate: Annotated[
        str | None,
        typer.Option(
            rich_help_panel=_MODE,
            metavar="R",
            help="R events a second whatever the collector does; latency counts from the intended time.",
        ),
    ] = None,
    speedup: Annotated[
        str | None,
        typer.Option(
            rich_help_panel=_MODE, metavar="X", help="With --replay: gaps X times shorter; `max` does not wait."
        ),
    ] = None,
    ending: Annotated[
        str | None,
        typer.Option(
            rich_help_panel=_MODE, metavar="now", help="With --replay: move times so that the last event is now."
        ),
    ] = None,
    data_folder: Annotated[
        str | None,
        typer.Option(
            envvar="DATA_FOLDER",
            rich_help_panel=_DATA,
            help="The Coveo dataset's files. Without it a synthetic dataset is made.",
        ),
    ] = None,
    n_events: Annotated[
        str | None,
        typer.Option(
            envvar="N_EVENTS",
            rich_help_panel=_DATA,
            metavar="N",
            help=f"Stop after N events. Default: all; {checked.DEFAULT_EVENTS:,} of a synthetic dataset.",
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", rich_help_panel=_DATA, help="Stop at the first bad row instead of skipping it.")
    ] = False,
    tracker: Annotated[
        str | None,
        typer.Option(
            "--as",
            rich_help_panel=_SENDING,
            metavar="TRACKER",
            help="google-analytics (default) sends hits to the collector; `segment` and `snowplow` write the same "
            "visitors' events to the stack's streams, as that tracker has them.",
        ),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            "--url", envvar="COLLECT_URL", rich_help_panel=_SENDING, help="The collector. Default: the stack's."
        ),
    ] = None,
    stack: Annotated[str, typer.Option(envvar="STACK", rich_help_panel=_SENDING, help="The deployed one.")] = "local",
    concurrency: Annotated[
        int,
        typer.Option(rich_help_panel=_SENDING, help="Requests under way at once; a client's hits keep their order."),
    ] = 8,
    batch_size: Annotated[
        int | None,
        typer.Option(
            rich_help_panel=_SENDING,
            help="Hits a request, 1 to 20 (default); one hit goes to /collect. Events a put to a stream, 1 to 500.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", rich_help_panel=_SENDING, help="The summary as one JSON object on stdout.")
    ] = False,
    seed: Annotated[int, typer.Option(rich_help_panel=_IDS, help="Of the visitors, and of the synthetic dataset.")] = 1,
    fresh: Annotated[
        bool,
        typer.Option(
            "--fresh",
            rich_help_panel=_IDS,
            help="New ids of events and transactions. Without it the same rows have the same ids at every run, and "
            "the warehouse counts them once.",
        ),
    ] = False,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", rich_help_panel=_IDS, help="Go on where the last run of this dataset against this URL ended."
        ),
    ] = False,
) -> None:
    """Play a shop's visitors against a collector: Google Analytics hits from the Coveo dataset or a synthetic one.

    Options win over the environment, and that wins over the file .env (see .env.example).

    \b
    5,000 synthetic events to the local stack, now or with their own times:
      python -m pumper
      python -m pumper --replay --speedup max --ending now
    The same visitors as another tracker would have seen them, to the stack's streams:
      python -m pumper --as segment
      python -m pumper --as snowplow --replay --speedup max --ending now
    Of the real dataset; and 500 events a second for a minute:
      python -m pumper --data-folder ~/coveo --n-events 100000
      python -m pumper --rate 500 --n-events 30000
    """
    if context.invoked_subcommand is not None:
        return
    if fresh and resume:
        raise Problem("--resume goes on with the ids of the run it resumes", "leave out --fresh")
    mode = checked.mode_of(now=now, replay=replay, rate=rate, speedup=speedup, ending=ending)
    source = context.get_parameter_source("url")  # an URL in .env is for other runs
    kind = checked.tracker_of(tracker, url if source and source.name == "COMMANDLINE" else None)
    lanes = checked.whole(concurrency, "--concurrency", 1, checked.MOST_LANES)
    largest = checked.batch_size_of(batch_size, kind)
    stream = checked.stream_of(kind, stack, connections=lanes)
    # The report reconciles what was sent to the collector: a run to a stream is none of its.
    target, deployed = (f"kinesis://{stream.name}", False) if stream else checked.url_of(url, stack)
    settings = checked.Settings(
        stack=stack,
        events=checked.events_of(n_events),
        mode=mode,
        rate=checked.positive(rate, "--rate", "events a second, such as 500") if rate else None,
        speedup=checked.speedup_of(speedup),
        ending_now=checked.ending_of(ending),
        concurrency=lanes,
        batch_size=largest,
        seed=checked.whole(seed, "--seed", 0, checked.LARGEST_SEED),
        fresh=fresh,
        resume=resume,
        strict=strict,
        as_json=as_json,
        dataset=checked.dataset_of(data_folder),
        url=target,
        deployed=deployed,
        tracker=kind,
        stream=stream,
    )
    sys.exit(running.run(settings))


@app.command()
def generate(
    folder: Annotated[Path, typer.Argument(help="Where the three files go; made when it is not there.")],
    events: Annotated[int | None, typer.Option(help="At least so many rows of browsing.")] = None,
    sessions: Annotated[int | None, typer.Option(help="So many sessions, 7.3 rows each on average.")] = None,
    days: Annotated[int, typer.Option(help="From 1 January 2019 on.")] = 59,
    seed: Annotated[int, typer.Option(help="The same seed makes the same files.")] = 1,
) -> None:
    """Write a synthetic dataset: the files, columns and shares of the Coveo dataset, none of its content."""
    if (events is None) == (sessions is None):
        raise Problem("the size is asked for with one of --events and --sessions", "give one, such as --events 100000")
    size = Size(events=events, sessions=sessions, days=checked.whole(days, "--days", 1, 59))
    checked.whole(events or sessions or 0, "--events" if sessions is None else "--sessions", 1, 1_000_000_000)
    if folder.exists() and any(folder.iterdir()):
        raise Problem(f"{folder} is not empty", "give a new folder")
    with Display(console).preparing() as show:
        rows = generate_dataset(folder, size, seed=seed, show=show)
    console.print(f"{folder}: {rows:,} rows of browsing, with searches and a catalogue", markup=False)


@one_line_errors
def main() -> None:
    """Runs the command line."""
    load_dotenv(PROJECT_FOLDER / ".env")
    app(prog_name="python -m pumper")
