"""`headrace trace`: from an offer, or whatever an application did, to the events that caused it, and back."""

from rich.text import Text

from headrace.console import Problem, console
from headrace.home import outputs
from headrace.hops.cloud import Cloud, aws_problems
from headrace.trace.display import show_effect, show_event
from headrace.trace.effects import MAX_FOUND, caused, user_of
from headrace.trace.events import find_events

MAX_CHARACTERS = 254  # of every id here


def trace(stack: str, wanted: str) -> None:
    """Prints the effects that an id leads to, each with its causes.

    wanted: an effect's id or the beginning of one, an offer's code, an event's id, or a customer. Raises Problem where
    it leads nowhere, the stack has no applications, or its cloud does not answer.
    """
    wanted = wanted.strip()
    if not wanted or len(wanted) > MAX_CHARACTERS:
        raise Problem(
            "there is nothing to trace by that name" if wanted else "there is nothing to trace",
            "give ID=… : an offer, its code, an event's id, or a customer",
        )
    published = outputs(stack)
    if "effects_table" not in published:
        raise Problem(
            f"no application is on in stack '{stack}'",
            f"name some under headrace:applications in Pulumi.{stack}.yaml, then run `make up`",
        )
    with aws_problems(stack):
        cloud = Cloud(stack)
        dynamodb, table = cloud.client("dynamodb"), published["effects_table"]
        found = caused(dynamodb, table, wanted)
        if not found and (user_id := user_of(dynamodb, published.get("offers_clients_table"), wanted)):
            console.print(Text(f"Client {wanted} is user {user_id}."), style="dim")
            found = caused(dynamodb, table, user_id)
        event_ids = dict.fromkeys(event_id for effect in found for event_id in effect.caused_by) or {wanted: None}
        events = find_events(stack, published, cloud, list(event_ids))
    if not found and wanted not in events:
        raise Problem(
            f"'{wanted}' is no effect, code, customer or event of stack '{stack}'",
            "see `make applications` for the newest; effects are kept for 90 days, and events need a moment to arrive",
        )
    if not found:
        show_event(events[wanted])
        console.print("It has caused nothing.", style="dim")
    for effect in found:
        show_effect(effect, events)
    if len(found) == MAX_FOUND:
        console.print(f"The newest {MAX_FOUND}: there may be more.", style="dim")
