"""`headrace forget`: removes a person from everything that a stack stores, and proves it by looking again."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import typer
from rich.text import Text

from embedded.cloud.lock import locked
from headrace import collector, warehouse
from headrace.applications.feed import RECORD
from headrace.console import Problem, console
from headrace.forget import personalize, raw, unfinished
from headrace.forget.applications import Applications
from headrace.forget.display import show_counts, show_limits, show_person, show_personalize
from headrace.forget.lake import PREFIXES, Lake
from headrace.forget.person import Finder, Person
from headrace.forget.search import Search, Stores, reading, search
from headrace.home import outputs, stack_folder
from headrace.hops.cloud import Cloud, aws_problems
from headrace.recover.account import Account
from headrace.transform import transform

MAX_CHARACTERS = 254  # of every id
ROUNDS = 3  # of removing and looking, while others write


def forget(
    stack: str,
    user: str,
    client: str,
    *,
    without_emails: Sequence[str] = (),
    dry_run: bool = False,
    yes: bool = False,
) -> int:
    """Removes a user with all of their clients, or one client. Returns the exit code: 1 where something is left.

    without_emails: addresses that are not the user's, though an event of theirs tells them. dry_run: only says what is
    there. yes: does not ask. Raises Problem where nobody is named, nobody confirms, or a store does not answer; to run
    it again goes on where it stopped.
    """
    wanted, named = _named(user.strip(), client.strip(), without_emails)
    published, folder = outputs(stack), stack_folder(stack)
    with locked(folder, "headrace forget"), aws_problems(stack, rights="docs/privacy.md (Rights)"):
        cloud = Cloud(stack)
        key = _user_id_key(cloud.client("lambda"), published) if named.user_ids else b""
        stores = Stores(
            folder=folder,
            published=published,
            lake=Lake(cloud.client("s3"), published["bucket"]),
            applications=Applications(cloud.client("dynamodb"), published),
            place=warehouse.find(stack) if "snowflake_database" in published else None,
            record=folder / RECORD if cloud.embedded and "personalize_tracking_id" in published else None,
        )
        if stores.place is not None and stores.place.database is not None:
            warehouse.check_writable(stores.place.database)
        resumed = unfinished.is_unfinished(folder, wanted)
        known = unfinished.recall(folder, wanted, named.hashed(named.user_ids, key))
        person = _acquainted(stores, known)
        person = person.hashed(person.emails, key)  # some schemas have an address for an id
        show_person(wanted, person, hashed=bool(key))
        for other in unfinished.others(folder, wanted):
            told = Text(f"an earlier removal was cut short: run `make forget {other}` again", style="yellow")
            console.print(told, soft_wrap=True)
        before = search(stores, person, "looking")
        if dry_run or not (before.total or resumed):
            show_counts(before.counts(), None)
            console.print("nothing was removed: this was a dry run" if dry_run else "nothing is stored of them")
            return 0
        _confirm(before, yes=yes)
        check_unsent(cloud.client("s3"), published["bucket"])
        unfinished.note(folder, wanted, person)
        after = _removed(stack, stores, person, before)
        show_counts(before.counts(), after.counts())
        show_limits(published, snowflake=stores.place is not None and stores.place.database is None)
        if stores.record is None and "personalize_tracking_id" in published:
            show_personalize(personalize.list_users(folder, person))
        if after.total:
            raise Problem(
                f"{after.total:,} of it came meanwhile, or could not be removed",
                "run the same command again, when the person's clients are quiet",
            )
        unfinished.done(folder, wanted)
    console.print("Nothing of them is found any more.", style="green")
    return 0


def _named(user: str, client: str, without_emails: Iterable[str]) -> tuple[str, Person]:
    if bool(user) == bool(client):
        raise Problem(
            "two people can not be forgotten at once" if user else "nobody is named",
            "give USER=… for a user with all of their clients, or CLIENT=… for one browser or device",
        )
    if len(user or client) > MAX_CHARACTERS:
        raise Problem(f"an id has at most {MAX_CHARACTERS} characters", "give the id that the tracker sends")
    if client:
        return f"CLIENT={client}", Person(client_ids=frozenset({client}), whole_clients=True)
    others = frozenset(one.strip().lower() for one in without_emails)
    person = Person(user_ids=frozenset({user}), others_emails=others)
    return f"USER={user}", person.known_by(emails=[user] if "@" in user else [])


def _user_id_key(functions: Any, published: dict[str, Any]) -> bytes:
    """What the deployment hashes user ids with; empty where it stores them as they are."""
    return collector.variables(functions, published).get("USER_ID_KEY", "").encode()


def _acquainted(stores: Stores, person: Person) -> Person:
    """Finds the clients that were the person's, unless a client was named."""
    if not person.user_ids:
        return person
    with reading("getting acquainted", stores.lake.size(PREFIXES[:1])) as read:
        person = stores.applications.acquaint(stores.lake.acquaint(person, read))
    if stores.place is None:
        return person
    with console.status("getting acquainted: RAW"):
        return raw.acquaint(stores.place, person)


def check_unsent(s3: Any, bucket: str) -> None:
    """Raises Problem while `headrace recover` sends: it has people's hits in memory."""
    _, seconds = Account(s3, bucket).unfinished()
    if seconds > 0:
        raise Problem("`make recover` is sending hits again, and so may bring theirs back", "let it finish first")


def _confirm(found: Search, *, yes: bool) -> None:
    show_counts(found.counts(), None)
    if yes:
        return
    if not sys.stdin.isatty():
        raise Problem("nobody is there to confirm it", "give --yes, or --dry-run to only look")
    if not typer.confirm("Remove all of this for good?"):
        raise Problem("nothing was removed", "run it again to decide otherwise")


def _removed(stack: str, stores: Stores, person: Person, found: Search) -> Search:
    """Removes what was found and looks again, until nothing is left or too much comes meanwhile."""
    for _ in range(ROUNDS):
        _clean_lake(stores, person, found)
        _clean_warehouse(stack, stores, found)
        with console.status("removing: the applications"):
            for store in stores.applications.stores():
                stores.applications.remove(store, person)
        if stores.record is not None:
            personalize.remove(stores.record, found.told or ())
        found = search(stores, person, "looking again")
        if not found.total:
            break
    return found


def _clean_lake(stores: Stores, person: Person, found: Search) -> None:
    finder = Finder(person)
    size = sum(version.size for one in found.in_lake.values() for version in one.versions)
    with reading("removing", size) as removed:
        for prefix in PREFIXES:
            stores.lake.clean(prefix, finder, found.in_lake[prefix.name], removed)


def _clean_warehouse(stack: str, stores: Stores, found: Search) -> None:
    """RAW without the rows; the modelled tables from nothing, because their increments only learn of what came."""
    place = stores.place
    if place is None or not (found.log_ids or any(found.modelled.values())):
        return
    with console.status("removing: RAW"):
        raw.remove(place, stores.folder, stores.published, found.log_ids)
    if not found.modelled:
        return
    if place.database is not None:
        # A table that is dropped leaves its blocks in the file; all that is in it is made from RAW.
        place.database.unlink(missing_ok=True)
    console.print("building the modelled tables from RAW")
    transform(stack, full_refresh=True)
