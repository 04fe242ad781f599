"""`python -m headrace`: what a person does with a deployed stack."""

from pathlib import Path
from typing import Annotated

import typer

from headrace.console import one_line_errors

app = typer.Typer(
    help="Transform and inspect what a deployed stack has collected.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Stack = Annotated[str, typer.Option("--stack", envvar="STACK", help="The deployed stack to work on.")]

Target = Annotated[
    str | None, typer.Option("--target", help="local (DuckDB) or snowflake. Default: where the stack's RAW is.")
]


# Each command imports its own machinery when it runs: dbt and DuckDB take seconds that `--help` should not.
@app.command()
@one_line_errors
def transform(
    stack: Stack = "local",
    target: Target = None,
    full_refresh: Annotated[bool, typer.Option("--full-refresh", help="Rebuild every table from RAW.")] = False,
) -> None:
    """Build the modelled tables (EVENTS, STATS) from RAW with dbt."""
    from headrace.transform import transform as run

    run(stack, target, full_refresh=full_refresh)


@app.command()
@one_line_errors
def replay(
    begin: Annotated[str, typer.Option("--from", metavar="DATE", help="The first moment, ISO 8601, UTC.")],
    end: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="The moment after the last one. Default: now.")
    ] = None,
    stack: Stack = "local",
) -> None:
    """Rebuild RAW from the objects S3 received in a period, then the modelled tables; nothing comes twice."""
    from headrace.replay import replay as run

    run(stack, begin, end)


@app.command()
@one_line_errors
def forget(
    user: Annotated[
        str, typer.Option("--user", envvar="FORGET_USER", help="A user's id, with all of their clients.")
    ] = "",
    client: Annotated[
        str, typer.Option("--client", envvar="FORGET_CLIENT", help="A client's id: one browser or device.")
    ] = "",
    without_email: Annotated[
        list[str] | None, typer.Option(help="An address that is not theirs, though an event of theirs tells it.")
    ] = None,
    stack: Stack = "local",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is stored of them, and where.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a person from S3, the warehouse and the applications, and prove it; exit code 1 if anything is left."""
    from headrace.forget import forget as run

    raise typer.Exit(run(stack, user, client, without_emails=without_email or (), dry_run=dry_run, yes=yes))


@app.command()
@one_line_errors
def query(
    sql: Annotated[
        str, typer.Argument(envvar="SQL", help="One SELECT; - reads it from standard input. Without: lists the tables.")
    ] = "",
    stack: Stack = "local",
    target: Target = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON array of objects.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV with a header.")] = False,
    limit: Annotated[
        int | None, typer.Option(min=0, help="Rows to print, 0 for all. Default: 100 in a table, else all.")
    ] = None,
) -> None:
    """Ask the warehouse, RAW or modelled, a question that only reads."""
    from headrace.query import query as run

    run(stack, sql, target, as_json=as_json, as_csv=as_csv, limit=limit)


@app.command()
@one_line_errors
def docs(
    stack: Stack = "local",
    target: Target = None,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in a browser.")] = True,
) -> None:
    """Describe every table and column on one page, and open it."""
    from headrace.docs import docs as run

    run(stack, target, open_page=open_page)


@app.command()
@one_line_errors
def freshness(stack: Stack = "local", target: Target = None) -> None:
    """Say how old the newest event in RAW is; exit code 1 if that is too old."""
    from headrace.freshness import freshness as run

    raise typer.Exit(0 if run(stack, target) else 1)


@app.command()
@one_line_errors
def report(
    stack: Stack = "local",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for events that are still on their way.")] = True,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page with the charts in the browser.")] = False,
) -> None:
    """Reconcile every hop from the sender to the tables, and show what happened: here and on a page with charts."""
    from headrace.report import report as run

    raise typer.Exit(run(stack, as_json=as_json, wait=wait, open_page=open_page))


@app.command()
@one_line_errors
def ledger(
    stack: Stack = "local",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for events that are still on their way.")] = True,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Leave earlier hours out, ISO 8601, UTC.")
    ] = None,
    metrics: Annotated[
        bool, typer.Option("--metrics", help="Give CloudWatch the figures too, in the namespace Headrace.")
    ] = False,
) -> None:
    """Account for every event, hour by hour and hop by hop; exit code 1 if one is missing anywhere."""
    from headrace.ledger import ledger as run

    raise typer.Exit(run(stack, as_json=as_json, wait=wait, since=since, metrics=metrics))


@app.command()
@one_line_errors
def applications(
    stack: Stack = "local",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")] = False,
    checked: Annotated[
        bool, typer.Option("--check", help="Compare with a plain count of all events in the embedded cloud's streams.")
    ] = False,
) -> None:
    """What the real-time applications have done: offers, promotions, recommendations, live counts, failures."""
    from headrace.applications import applications as run

    raise typer.Exit(run(stack, as_json=as_json, checked=checked))


@app.command()
@one_line_errors
def trace(
    wanted: Annotated[
        str,
        typer.Argument(metavar="ID", help="An effect's id or its beginning, an offer's code, an event, or a customer."),
    ],
    stack: Stack = "local",
) -> None:
    """What an application did, and the events that caused it: ids, names, times, products."""
    from headrace.trace import trace as run

    run(stack, wanted)


@app.command()
@one_line_errors
def events(
    stack: Stack = "local",
    bad: Annotated[bool, typer.Option("--bad", help="Bad rows alone.")] = False,
    good: Annotated[bool, typer.Option("--good", help="Good rows alone.")] = False,
    protocol: Annotated[str, typer.Option(help="Only of this protocol: segment, snowplow, …")] = "",
    name: Annotated[str, typer.Option(help="Only events of this name: purchase, or a custom event's own.")] = "",
    reason: Annotated[str, typer.Option(help="Only rows with this reason: missing_client_id, …")] = "",
    grep: Annotated[str, typer.Option(metavar="TEXT", help="Only rows with this text anywhere in them.")] = "",
    last: Annotated[int, typer.Option(min=0, help="How many rows to begin with.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, a line a row, with all there is of it.")] = False,
    follow: Annotated[bool, typer.Option("--follow/--no-follow", help="Keep showing what comes, until ^C.")] = True,
    page: Annotated[bool, typer.Option("--page", help="In the browser, where rows open on a click.")] = False,
) -> None:
    """The latest good and bad rows, live: what came, why it is bad, and what was sent."""
    from headrace.events import events as run
    from headrace.events.filters import Filter

    if page:
        from headrace.events.page import open_page

        open_page(stack)
        return
    kind = None if good == bad else good
    wanted = Filter(good=kind, protocol=protocol, name=name, reason=reason, text=grep)
    run(stack, wanted, last=last, json_lines=as_json, follow=follow)


@app.command()
@one_line_errors
def recover(
    stack: Stack = "local",
    file: Annotated[
        Path | None,
        typer.Option("--with", metavar="FILE", help="Python, `def mend(hit, row)`. Without: hits as they were sent."),
    ] = None,
    reason: Annotated[str, typer.Option(help="Only rows with this reason.")] = "",
    protocol: Annotated[str, typer.Option(help="Only rows of this protocol.")] = "",
    path: Annotated[str, typer.Option(help="Only rows that came to this path: /collect, …")] = "",
    begin: Annotated[str, typer.Option("--from", metavar="DATE", help="Received then or later, ISO 8601, UTC.")] = "",
    end: Annotated[str, typer.Option("--to", metavar="DATE", help="Received before, ISO 8601, UTC.")] = "",
    write_key: Annotated[
        str, typer.Option(envvar="WRITE_KEY", help="Of Segment's messages. Default: the first of the deployed ones.")
    ] = "",
    send: Annotated[bool, typer.Option("--send", help="Send what would be good. Without: only show it.")] = False,
) -> None:
    """Mend bad rows and send them again, each once; without --send, show what would become of them."""
    from headrace.recover import recover as run
    from headrace.recover.rows import wanted_rows

    wanted = wanted_rows(reason=reason, protocol=protocol, path=path, begin=begin, end=end)
    run(stack, wanted, file, write_key=write_key, sending=send)


@app.command()
@one_line_errors
def demo(
    events: Annotated[int, typer.Option("--events", min=1, help="How many events are sent.")] = 5000,
) -> None:
    """The whole way once: deploy to this machine, send events, transform, report."""
    from headrace.demo import demo as run

    run(events)


if __name__ == "__main__":
    app()
