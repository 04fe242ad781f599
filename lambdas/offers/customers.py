"""The customer behind an offer, when it goes out: since it was decided, a client may have become a user."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from botocore.exceptions import ClientError

from shared.effects import Effect
from shared.records import plain
from shared.states import VERSION


class Customers:
    """The tables of users and clients, as the function that sends offers sees them."""

    def __init__(self, client: Any, users_table: str, clients_table: str) -> None:
        self._client, self._users, self._clients = client, users_table, clients_table

    def address(self, effect: Effect) -> str | None:
        """Where to write to: the e-mail address that is known of the user; none of a client."""
        for table, key in self._places(effect):
            if "email" in (row := self._row(table, key)):
                return row["email"]
        return None

    def mark(self, effect: Effect) -> None:
        """Sets `offer_sent` on whoever holds the offer. Who has got a newer one, or is gone, needs no mark.

        The version moves too, so that a function which has read the customer before can not undo it.
        """
        for table, key in self._places(effect):
            try:
                self._client.update_item(
                    TableName=table,
                    Key=key,
                    UpdateExpression="SET offer_sent = :sent ADD #version :one",
                    ConditionExpression="offer_id = :id",
                    ExpressionAttributeNames={"#version": VERSION},
                    ExpressionAttributeValues={
                        ":sent": {"BOOL": True},
                        ":one": {"N": "1"},
                        ":id": {"S": effect.effect_id},
                    },
                )
            except ClientError as error:
                if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                    raise
            else:
                return

    def _places(self, effect: Effect) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The items that may hold the customer: of a client, if it was named in the meantime, its first user too.

        Who the client is, is only looked up when the next place is asked for: had it been named after that, the mark
        on the client could still be made, and be handed on.
        """
        customer = {"S": effect.key}
        if effect.detail["customer_kind"] == "user":
            yield self._users, {"user_id": customer}
            return
        client = {"client_id": customer}
        yield self._clients, client
        users = orjson.loads(self._row(self._clients, client).get("users", "[]"))
        if users:
            yield self._users, {"user_id": {"S": users[0][1]}}

    def _row(self, table: str, key: Mapping[str, Any]) -> dict[str, Any]:
        return plain(self._client.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {}))
