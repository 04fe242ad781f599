"""What RAW still knows of a person when S3 has let their objects go."""

import json
from pathlib import Path

import duckdb

from headrace.forget import raw
from headrace.forget.person import Finder, Person
from headrace.warehouse import Place

ADA = Person(user_ids=frozenset({"ada"}))


def place_of(folder: Path, *envelopes: dict[str, object]) -> Place:
    """RAW as the embedded pipe leaves it."""
    file = folder / "logs.parquet"
    with duckdb.connect() as connection:
        connection.execute("create table logs (LOG_ID varchar, DATA varchar)")
        for number, envelope in enumerate(envelopes):
            connection.execute("insert into logs values (?, ?)", [str(number), json.dumps(envelope)])
        connection.execute(f"copy logs to '{file}' (format parquet)")
    return Place(target="local", raw=f"read_parquet('{file}')", database=folder / "none.duckdb", variables={})


def envelope(client: str, user: str | None = None, **body: object) -> dict[str, object]:
    return {"context": {"client_id": client, "user_id": user}, "request": {"body": body}}


def test_a_client_that_only_raw_knows_to_be_hers_is_learnt_and_its_unnamed_rows_are_found(tmp_path: Path) -> None:
    place = place_of(
        tmp_path,
        envelope("old-phone", "ada", traits={"email": "Ada@Example.org"}),
        envelope("old-phone"),
        envelope("bob-1", "bob"),
        envelope("old-phone", "bob"),
    )
    assert raw.find(place, ADA, Finder(ADA)) == ["0"]
    person = raw.acquaint(place, ADA)
    assert (person.client_ids, person.emails) == ({"old-phone"}, {"ada@example.org"})
    assert raw.find(place, person, Finder(person)) == ["0", "1"]
