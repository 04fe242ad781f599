"""A person's lines out of a versioned bucket, beside another's in the same objects."""

import gzip
import json
import uuid
from typing import Any

import boto3
import pytest

from headrace.forget.lake import PREFIXES, Found, Lake
from headrace.forget.person import Finder, Person
from headrace.hops.objects import FORGOTTEN, Prefix
from loyalty.files import REPLACES

ADA = Person(user_ids=frozenset({"ada"}))
BY_NAME = {prefix.name: prefix for prefix in PREFIXES}


def envelope(client: str, user: str | None = None, **body: Any) -> bytes:
    return json.dumps({"context": {"client_id": client, "user_id": user}, "request": {"body": body}}).encode()


HERS, HERS_BEFORE, HIS = envelope("phone", "ada"), envelope("phone"), envelope("bob-1", "bob")


class World:
    def __init__(self) -> None:
        self.s3 = boto3.client("s3")
        self.bucket = f"lake-{uuid.uuid4().hex[:8]}"
        self.s3.create_bucket(Bucket=self.bucket)
        self.s3.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})
        self.lake = Lake(self.s3, self.bucket)
        self.finder = Finder(self.lake_person())

    def lake_person(self) -> Person:
        return ADA.known_by(["phone"], ["ada@example.org"])

    def put(self, key: str, *lines: bytes, packed: bool = False) -> None:
        body = b"".join(line + b"\n" for line in lines)
        self.s3.put_object(
            Bucket=self.bucket,
            Key=key,
            Body=gzip.compress(body) if packed else body,
            ContentType="application/x-test",
            Metadata={"kept": "yes"},
        )

    def body(self, key: str) -> bytes:
        body = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body

    def find(self, prefix: str) -> Found:
        return self.lake.find(BY_NAME[prefix], self.finder, lambda _: None)

    def clean(self, prefix: str, found: Found | None = None) -> None:
        self.lake.clean(BY_NAME[prefix], self.finder, found or self.find(prefix), lambda _: None)

    def versions(self) -> list[bytes]:
        """All that is in the bucket, superseded or not."""
        listed = self.s3.list_object_versions(Bucket=self.bucket).get("Versions", [])
        bodies = [
            self.s3.get_object(Bucket=self.bucket, Key=one["Key"], VersionId=one["VersionId"])["Body"].read()
            for one in listed
        ]
        return [gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body for body in bodies]


@pytest.fixture
def world(emulator: Any) -> World:
    return World()


def test_her_clients_and_addresses_are_learnt_from_her_events(world: World) -> None:
    world.put("raw/a", envelope("phone", "ada", anonymousId="phone-2", traits={"email": "Ada@Example.org"}), HIS)
    found = world.lake.acquaint(ADA, lambda _: None)
    assert (found.client_ids, found.emails) == ({"phone", "phone-2"}, {"ada@example.org"})


@pytest.mark.parametrize("packed", [False, True])
def test_only_her_lines_leave_and_others_keep_their_numbers_and_bytes(world: World, packed: bool) -> None:
    world.put("raw/a", HIS, HERS, HIS, HERS_BEFORE, packed=packed)
    world.put("raw/b", HIS, packed=packed)
    his, hers = (world.s3.head_object(Bucket=world.bucket, Key=f"raw/{name}")["VersionId"] for name in "ba")
    found = world.find("raw/")
    assert (found.lines, found.objects, found.old) == (2, 1, 0)
    world.clean("raw/", found)
    assert world.body("raw/a") == HIS + b"\n\n" + HIS + b"\n\n"
    assert not any(b"phone" in body for body in world.versions())
    head = world.s3.head_object(Bucket=world.bucket, Key="raw/a")
    assert head["ContentType"] == "application/x-test"
    assert head["Metadata"] == {"kept": "yes", FORGOTTEN: "2", REPLACES: hers}
    assert world.s3.head_object(Bucket=world.bucket, Key="raw/b")["VersionId"] == his
    counted = Prefix(world.s3, world.bucket, "raw/").count()
    assert (counted.lines, counted.forgotten) == (3, 2)


def test_what_was_taken_out_is_noted_by_hours_without_anybody(world: World) -> None:
    hers, at = json.loads(HERS), 490_000 * 3_600_000
    for hour in (0, 0, 1):
        hers["request"] |= {"id": "event", "timestamp": at + hour * 3_600_000}
        world.put(f"raw/{hour}", *[json.dumps({**hers, "response": {"id": "request"}}).encode()] * (2 - hour), HIS)
    ids = [world.s3.head_object(Bucket=world.bucket, Key=f"raw/{hour}")["VersionId"] for hour in (0, 1)]
    world.clean("raw/")
    assert json.loads(world.body(f"forgotten/events/raw/0/{ids[0]}")) == {"490000": 2}
    assert json.loads(world.body(f"forgotten/events/raw/1/{ids[1]}")) == {"490001": 1}


def test_superseded_and_deleted_versions_are_searched_too(world: World) -> None:
    world.put("spill/a", json.dumps({"target": "events", "key": "phone", "data": HERS.decode()}).encode())
    world.s3.delete_object(Bucket=world.bucket, Key="spill/a")  # put again since
    world.put("bad/b", HERS)
    world.put("bad/b", HIS)
    assert (world.find("spill/").old, world.find("bad/").old) == (1, 1)
    world.clean("spill/")
    world.clean("bad/")
    assert world.versions() == [HIS + b"\n"]


def test_a_removal_that_was_cut_short_is_finished_by_the_next(world: World) -> None:
    world.put("raw/a", HIS, HERS)

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    deleting, world.s3.delete_object = world.s3.delete_object, stop
    with pytest.raises(KeyboardInterrupt):
        world.clean("raw/")
    world.s3.delete_object = deleting
    found = world.find("raw/")
    assert (found.lines, found.old) == (0, 1)
    world.clean("raw/", found)
    assert world.versions() == [HIS + b"\n\n"]


def test_what_somebody_else_writes_meanwhile_is_not_lost(world: World) -> None:
    world.put("spill/a", HERS)
    found = world.find("spill/")
    world.put("spill/a", HERS, HIS)
    world.clean("spill/", found)
    assert world.body("spill/a") == HERS + b"\n" + HIS + b"\n"
    world.clean("spill/")
    assert world.versions() == [HIS + b"\n"]


def test_an_object_that_is_gone_meanwhile_is_no_error(world: World) -> None:
    world.put("spill/a", HERS)
    found = world.find("spill/")
    world.s3.delete_object(Bucket=world.bucket, Key="spill/a", VersionId=found.versions[0].id)
    world.clean("spill/", found)
    assert world.versions() == []


def test_lists_of_people_keep_their_lines_places(world: World) -> None:
    world.put(
        "loyalty/members/june.csv", b"bob@example.org, , b, M", b"Ada@example.org, a, , F", b"eve@example.org, , , F"
    )
    world.clean("loyalty/members/")
    assert world.versions() == [b"bob@example.org, , b, M\n\neve@example.org, , , F\n"]
