"""What the applications keep of the person, in their tables: found, and deleted so that their figures stay right."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError

from headrace.forget import effects
from headrace.forget.person import Person
from headrace.home import PROJECT_FOLDER

# How a player leaves a level is the application's to know.
sys.path.append(str(PROJECT_FOLDER / "lambdas"))

from live_counts.counts import Tables, transactions
from live_counts.places import Move, Place
from live_counts.sightings import Sightings
from shared.states import VERSION

ATTEMPTS = 5  # at an item that a function writes, or an effect that it performs, at the same time
PAUSE_SECONDS = 1.0
CONFLICTS = frozenset({"ConditionalCheckFailedException", "TransactionCanceledException"})

_plain = TypeDeserializer().deserialize

Item = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Store:
    """One table. output: the stack's output that names it. find: the person's items. remove: one of them."""

    name: str
    output: str
    find: "Callable[[Applications, str, Person], list[Item]]"
    remove: "Callable[[Applications, str, Item, Person], None]"


class Applications:
    """The tables of a stack's applications."""

    def __init__(self, dynamodb: Any, published: Mapping[str, Any]) -> None:
        self.dynamodb, self.published = dynamodb, published

    def acquaint(self, person: Person) -> Person:
        """The person with the clients that offers know to be theirs, and the address to which offers go."""
        clients, emails = set[str](), set[str]()
        if table := self.published.get("offers_clients_table"):
            for item in self.scan(table, having="users"):
                if _of(item, person):
                    clients.add(item["client_id"])
        if table := self.published.get("offers_table"):
            emails |= {item["email"] for item in self.by_keys(table, "user_id", person.user_ids) if "email" in item}
        return person.known_by(clients, emails)

    def stores(self) -> list[Store]:
        """Those that the stack has."""
        return [store for store in STORES if store.output in self.published]

    def find(self, store: Store, person: Person) -> list[Item]:
        """The person's items in a store."""
        return store.find(self, self.published[store.output], person)

    def remove(self, store: Store, person: Person) -> None:
        """Removes them; what comes meanwhile is found by the next look. Raises botocore's errors."""
        table = self.published[store.output]
        for _ in range(ATTEMPTS):
            items = self.find(store, person)
            if not items:
                return
            conflicts = False
            for item in items:
                try:
                    store.remove(self, table, item, person)
                except ClientError as error:
                    if error.response["Error"]["Code"] not in CONFLICTS:
                        raise
                    conflicts = True
            if conflicts:
                time.sleep(PAUSE_SECONDS)

    def by_keys(self, table: str, key: str, values: frozenset[str]) -> list[Item]:
        """The items with one of these keys, by strongly consistent reads."""
        found = []
        for value in sorted(values):
            answer = self.dynamodb.get_item(TableName=table, Key={key: {"S": value}}, ConsistentRead=True)
            if "Item" in answer:
                found.append(_item(answer["Item"]))
        return found

    def scan(self, table: str, having: str) -> Iterator[Item]:
        """The items that have an attribute."""
        pages = self.dynamodb.get_paginator("scan").paginate(
            TableName=table,
            FilterExpression="attribute_exists(#having)",
            ExpressionAttributeNames={"#having": having},
            ConsistentRead=True,
        )
        for page in pages:
            yield from map(_item, page["Items"])

    def sightings(self) -> Sightings:
        """What shards remember of players. Its table is no output: it goes by the name of the players' one."""
        return Sightings(self.dynamodb, self.published["live_counts_sightings_table"])


def _users(found: Applications, table: str, person: Person) -> list[Item]:
    return found.by_keys(table, "user_id", person.user_ids)


def _clients(found: Applications, table: str, person: Person) -> list[Item]:
    """A client that has become another's too is theirs: of it, only that it was the person's counts."""
    items = found.by_keys(table, "client_id", person.client_ids)
    return [item for item in items if "users" not in item or person.whole_clients or _of(item, person)]


def _of(item: Item, person: Person) -> bool:
    return any(user in person.user_ids for _, user in orjson.loads(item["users"]))


def _remove_client(found: Applications, table: str, item: Item, person: Person) -> None:
    """Deletes a client; of one that was others' too, only that it was the person's."""
    users = [since for since in orjson.loads(item.get("users", "[]")) if since[1] not in person.user_ids]
    key = {"client_id": {"S": item["client_id"]}}
    version = {":version": {"N": str(item[VERSION])}}
    if not users or person.whole_clients:
        found.dynamodb.delete_item(
            TableName=table,
            Key=key,
            ConditionExpression="#version = :version",
            ExpressionAttributeNames={"#version": VERSION},
            ExpressionAttributeValues=version,
        )
        return
    found.dynamodb.update_item(
        TableName=table,
        Key=key,
        UpdateExpression="SET #users = :users, user_id = :user ADD #version :one",
        ConditionExpression="#version = :version",
        ExpressionAttributeNames={"#users": "users", "#version": VERSION},
        ExpressionAttributeValues={
            ":users": {"S": orjson.dumps(users).decode()},
            ":user": {"S": users[-1][1]},
            ":one": {"N": "1"},
            **version,
        },
    )


def _customers(found: Applications, table: str, person: Person) -> list[Item]:
    return found.by_keys(table, "customer", person.user_ids | person.emails)


def _effects(found: Applications, table: str, person: Person) -> list[Item]:
    """All are looked at here: a condition of the table's holds a few hundred ids at most, and saves it no reading."""
    return list(effects.concerning(person, found.scan(table, having="key")))


def _bare_effect(found: Applications, table: str, item: Item, _: Person) -> None:
    effects.make_bare(found.dynamodb, table, item)


def _players(found: Applications, table: str, person: Person) -> list[Item]:
    return found.by_keys(table, "playerId", person.ids)


def _remove_player(found: Applications, table: str, item: Item, _: Person) -> None:
    """Has the player leave their level, as one who was not seen for too long: the counts stay right."""
    published = found.published
    tables = Tables(
        players=table,
        levels=published["live_counts_levels_table"],
        transitions=published["live_counts_transitions_table"],
        sightings=published["live_counts_sightings_table"],
    )
    stands = Place(item["levelId"], int(item["lastUpdated"]), item["eventId"])
    for changes in transactions([Move(item["playerId"], stands, [stands._replace(level=None)])]):
        found.dynamodb.transact_write_items(TransactItems=changes.writes(tables))


def _sighted(found: Applications, _: str, person: Person) -> list[Item]:
    remembered = found.sightings().load()
    return [
        {"shard": shard, "revision": one.revision, "places": one.places}
        for shard, one in remembered.items()
        if not person.ids.isdisjoint(one.places)
    ]


def _remove_sighting(found: Applications, _: str, item: Item, person: Person) -> None:
    others = {player: place for player, place in item["places"].items() if player not in person.ids}
    found.sightings().save(item["shard"], others, item["revision"])


def _deleted(key: str) -> Callable[[Applications, str, Item, Person], None]:
    def remove(found: Applications, table: str, item: Item, _: Person) -> None:
        found.dynamodb.delete_item(TableName=table, Key={key: {"S": item[key]}})

    return remove


def _item(attributes: Mapping[str, Any]) -> Item:
    return {name: _plain(value) for name, value in attributes.items()}


STORES = (
    Store(name="offers: users", output="offers_table", find=_users, remove=_deleted("user_id")),
    Store(name="offers: clients", output="offers_clients_table", find=_clients, remove=_remove_client),
    Store(name="loyalty: customers", output="loyalty_customers_table", find=_customers, remove=_deleted("customer")),
    # What shards remember first: a player's row would come back from it.
    Store(name="live counts: sightings", output="live_counts_sightings_table", find=_sighted, remove=_remove_sighting),
    Store(name="live counts: players", output="live_counts_players_table", find=_players, remove=_remove_player),
    Store(name="effects", output="effects_table", find=_effects, remove=_bare_effect),
)
