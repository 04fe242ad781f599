"""`headrace forget` on the whole stack: one of two people who share objects, tables and files leaves no trace."""

import gzip
import json
import uuid
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from embedded.cloud.cloud import Cloud
from embedded.snowflake.history import History
from headrace import forget as command
from headrace import warehouse
from headrace.console import Problem, console
from headrace.forget import forget, unfinished
from headrace.forget.lake import Lake
from headrace.replay import replay
from headrace.transform import transform
from tests.integration.waiting import until

STORES = {"offers_table": "user_id", "loyalty_customers_table": "customer", "live_counts_players_table": "playerId"}


class Shop:
    """Two people of their own in the session's stack, who bought, and took something out of the cart."""

    def __init__(self, cloud: Cloud, published: dict[str, Any]) -> None:
        self.published, self.folder = published, cloud.folder
        self.ada, self.bob = (f"{name}-{uuid.uuid4().hex[:10]}" for name in ("ada", "bob"))
        self.s3, self.dynamodb = boto3.client("s3"), boto3.client("dynamodb")
        self.url = published["collect_url"].removesuffix("/collect")

    def visit(self) -> None:
        """Both in each request, so that they share every object; ada's laptop is named only later."""
        for number in range(3):
            self.send(f"t=pageview&cid={self.ada}-laptop&dp=/{number}", f"t=pageview&cid={self.bob}-1&dp=/{number}")
        for name, client in ((self.ada, f"{self.ada}-laptop"), (self.bob, f"{self.bob}-1")):
            who = f"uid={name}&cid={client}"
            self.send(f"t=event&ec=shop&ea=remove&pa=remove&pr1id=shoe&{who}", f"t=nonsense&{who}")
            self.send(f"t=pageview&pa=purchase&ti={name}&tr=90&pr1id=hat&{who}")
        until(lambda: len(self.rows()) == 10 and all(self.known(self.ada)) and all(self.known(self.bob)))
        until(lambda: self.bad_rows(self.ada) and self.bad_rows(self.bob))
        # What is decided now would come back by itself: an offer and a loyalty decision of each.
        until(lambda: self.performed(self.ada) == self.performed(self.bob) == 2)

    def send(self, *hits: str) -> None:
        lines = "\n".join(f"v=1&tid=UA-1&z={uuid.uuid4().hex}&{hit}" for hit in hits)
        assert httpx.post(f"{self.url}/batch", content=lines, timeout=60).status_code == 200

    def rows(self) -> list[tuple[Any, ...]]:
        """RAW's rows of both."""
        with warehouse.connected(warehouse.find("local"), raw_only=True) as found:
            return found.rows(
                f"select LOG_ID, CLIENT_ID, LOG_FILENAME from {warehouse.find('local').raw} "
                f"where CLIENT_ID in ('{self.ada}-laptop', '{self.bob}-1') order by all"
            )

    def known(self, name: str) -> list[bool]:
        """Whether each application knows a person."""
        keys = {"playerId": f"{name}-laptop" if name == self.ada else f"{name}-1"}
        answers = [
            self.dynamodb.get_item(TableName=self.published[table], Key={key: {"S": keys.get(key, name)}})
            for table, key in STORES.items()
        ]
        return ["Item" in answer for answer in answers]

    def performed(self, name: str) -> int:
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=self.published["effects_table"])
        effects = [item for page in pages for item in page["Items"] if item.get("key") == {"S": name}]
        return sum("performed_at" in item for item in effects)

    def everything(self) -> dict[tuple[str, str], bytes]:
        """Every version of every object, unpacked."""
        found = {}
        for page in self.s3.get_paginator("list_object_versions").paginate(Bucket=self.published["bucket"]):
            for one in page.get("Versions", []):
                body = self.s3.get_object(Bucket=self.published["bucket"], Key=one["Key"], VersionId=one["VersionId"])[
                    "Body"
                ].read()
                unpacked = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
                found[one["Key"], one["VersionId"]] = unpacked
        return found

    def lines(self, name: str) -> list[bytes]:
        return sorted(
            line for body in self.everything().values() for line in body.splitlines() if name.encode() in line
        )

    def bad_rows(self, name: str) -> bool:
        return any(b'"unknown_hit_type"' in line for line in self.lines(name))

    def levels(self) -> dict[str, int]:
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=self.published["live_counts_levels_table"])
        return {one["levelId"]["S"]: int(one["playerCount"]["N"]) for page in pages for one in page["Items"]}

    def forget(self, **how: Any) -> str:
        with console.capture() as said:
            assert forget("local", self.ada, "", yes=True, **how) == 0
        return said.get()


@pytest.fixture
def shop(cloud: Cloud, deployed: dict[str, Any]) -> Shop:
    shop = Shop(cloud, deployed)
    shop.visit()
    return shop


@pytest.fixture
def untransformed(monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of the transformation, which has tests of its own, and takes longer than all else together."""
    monkeypatch.setattr(command, "transform", lambda *_, **__: None)


@pytest.mark.usefixtures("untransformed")
@pytest.mark.slow
def test_one_of_two_people_leaves_without_a_trace_even_when_it_is_cut_short(shop: Shop, monkeypatch: Any) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    his, levels = shop.lines(shop.bob), shop.levels()
    rows = [row for row in shop.rows() if row[1].startswith(shop.bob)]
    assert "this was a dry run" in shop.forget(dry_run=True)
    with pytest.raises(Problem, match="nobody is there to confirm it"):
        forget("local", shop.ada, "")
    assert len(shop.lines(shop.ada)) == 6

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr(Lake, "_delete", stop)
        with pytest.raises(KeyboardInterrupt):
            shop.forget()
    assert unfinished.is_unfinished(shop.folder, f"USER={shop.ada}")
    said = shop.forget()

    assert "Nothing of them is found any more." in said
    assert shop.lines(shop.ada) == []
    assert shop.lines(shop.bob) == his
    assert shop.rows() == rows
    assert shop.known(shop.ada) == [False] * 3
    assert shop.known(shop.bob) == [True] * 3
    assert sum(shop.levels().values()) == sum(levels.values()) - 1
    assert not (shop.folder / unfinished.FILE).exists()
    assert "nothing is stored of them" in shop.forget()


@pytest.mark.slow
@pytest.mark.usefixtures("untransformed")
def test_the_pipe_and_a_replay_bring_nobody_back(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    loads = len(History.of_stack(shop.folder).loads())
    shop.forget()
    rows = [row for row in shop.rows() if row[1].startswith(shop.bob)]
    shop.send(f"t=pageview&cid={shop.bob}-2")  # told of after what was written anew
    until(lambda: len(History.of_stack(shop.folder).loads()) > loads)
    assert shop.rows() == rows
    monkeypatch.setattr("headrace.replay.transform", lambda *_, **__: None)
    replay("local", "2020-01-01")
    assert shop.rows() == rows


@pytest.mark.slow
@pytest.mark.usefixtures("untransformed")
def test_lists_of_members_lose_one_line_and_are_not_read_again(shop: Shop) -> None:
    bucket, key = shop.published["bucket"], f"loyalty/members/{shop.ada}.csv"
    hers, his = f"{shop.ada}@example.org", f"{shop.bob}@example.org"
    shop.s3.put_object(Bucket=bucket, Key=key, Body=f"{hers}, a, , F\n{his}, b, , M\n".encode())
    result = {"Bucket": bucket, "Key": f"loyalty/results/members/{shop.ada}.csv.json"}

    def loaded() -> Any:
        answers = shop.s3.list_objects_v2(Bucket=bucket, Prefix=result["Key"]).get("Contents")
        return answers and json.loads(shop.s3.get_object(**result)["Body"].read())

    before = until(loaded)
    assert forget("local", hers, "", yes=True) == 0
    assert shop.s3.get_object(Bucket=bucket, Key=key)["Body"].read() == f"\n{his}, b, , M\n".encode()
    # A list that is dropped after it is read after it: by then the one that was written anew would have been, too.
    after = {"Bucket": bucket, "Key": f"loyalty/members/{shop.bob}.csv"}
    shop.s3.put_object(**after, Body=f"{his}, c, , M\n".encode())
    until(lambda: shop.s3.list_objects_v2(Bucket=bucket, Prefix=f"loyalty/results/members/{shop.bob}").get("Contents"))
    assert loaded() == before


@pytest.mark.slow
def test_the_modelled_tables_are_built_without_them(shop: Shop) -> None:
    transform("local")
    said = shop.forget()
    assert "Nothing of them is found any more." in said
    with warehouse.connected(warehouse.find("local")) as found:
        clients = {client for (client,) in found.rows("select distinct client_id from EVENTS.LOGS")}
        ((orders,),) = found.rows(f"select count(*) from EVENTS.PURCHASES where client_id = '{shop.bob}-1'")
    assert f"{shop.bob}-1" in clients
    assert f"{shop.ada}-laptop" not in clients
    assert orders == 1
    assert shop.ada.encode() not in Path(shop.folder / "warehouse.duckdb").read_bytes()


@pytest.mark.parametrize(
    ("user", "client", "cause"),
    [
        ("", "", "nobody is named"),
        (" ", "\t", "nobody is named"),
        ("ada", "phone", "at once"),
        ("a" * 255, "", "254 characters"),
        ("ada\n", "x", "at once"),
    ],
)
def test_who_is_meant_must_be_clear(user: str, client: str, cause: str) -> None:
    with pytest.raises(Problem, match=cause):
        forget("local", user, client)
