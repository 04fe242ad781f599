"""Repeated, re-ordered and half-done work: what was decided goes out once, and nothing is lost."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from offers import handler, perform

from shared.effects import LEASE_SECONDS
from tests.integration.account import Account
from tests.integration.faults import ANSWER_LOST, BROKEN, THROTTLED, Faults, Refusal, faults
from tests.integration.offers.records import BEGIN, SECOND, hit, identify
from tests.integration.offers.shop import Shop, disconnect, forget

SEND_EMAIL = "POST /v2/email/outbound-emails"

REMOVED = hit("removed", "remove", BEGIN, user="u1", skus=["sku-1"])
BOUGHT = hit("bought", "purchase", BEGIN + SECOND, user="u1", value="80", order="T1")


def test_a_batch_that_is_repeated_changes_nothing(shop: Shop):
    shop.run([REMOVED, BOUGHT])
    before = shop.user("u1")
    shop.run([REMOVED, BOUGHT], [BOUGHT], [REMOVED])
    assert shop.user("u1") == before
    assert len(shop.on_bus()) == 1


def test_a_stream_of_changes_that_is_replayed_sends_nothing_twice(shop: Shop):
    address = f"{shop.name}@example.org"
    assert not shop.take([identify("who", BEGIN, "c1", "u1", address), REMOVED, BOUGHT])
    changes = shop.changes()
    for _ in range(3):
        assert shop.send(changes) == []
    assert len(shop.on_bus()) == 1
    assert len(shop.mails(address)) == 1


def test_a_function_killed_after_it_wrote_and_before_it_answered_repeats_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    users = handler.tables().users
    save = users.save

    def save_and_die(*arguments: Any) -> None:
        save(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(users, "save", save_and_die)
        with pytest.raises(KeyboardInterrupt):
            shop.take([REMOVED, BOUGHT])
    shop.run([REMOVED, BOUGHT])
    assert len(shop.on_bus()) == 1


def test_two_functions_that_write_one_customer_lose_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    users = handler.tables().users
    save, interrupted = users.save, []

    def interrupt(*arguments: Any) -> None:
        if not interrupted:
            interrupted.append(True)
            assert not shop.take([BOUGHT])
        save(*arguments)

    monkeypatch.setattr(users, "save", interrupt)
    shop.run([REMOVED])
    assert shop.user("u1")["removed_items"] == {"sku-1"}
    (offer,) = shop.on_bus()
    assert offer["caused_by"] == ["bought", "removed"]


@pytest.mark.parametrize("operation", ["batch_get_item", "put_item"])
def test_throttled_writes_fail_their_records_and_are_made_up_for(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, operation: str
):
    client = handler.tables().users._client
    with monkeypatch.context() as patched:
        patched.setattr(client, operation, refusing("ProvisionedThroughputExceededException"))
        assert set(shop.take([REMOVED, BOUGHT])) == {"1", "2"}
    shop.run([REMOVED, BOUGHT])
    assert len(shop.on_bus()) == 1


def test_dynamodb_that_throttles_and_loses_answers_loses_and_repeats_nothing(
    shop: Shop, emulator: Account, monkeypatch: pytest.MonkeyPatch
):
    with faults(emulator.url) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", proxy.url)
        disconnect()
        proxy.refuse("BatchGetItem", THROTTLED, times=1)
        proxy.refuse("PutItem", ANSWER_LOST, times=1)
        proxy.refuse("UpdateItem", ANSWER_LOST, times=2)
        while shop.take([REMOVED, BOUGHT]):
            pass
        changes = shop.changes()
        monkeypatch.setattr("shared.effects.LEASE_SECONDS", -1)
        while shop.send(changes):
            pass
        assert all(proxy.refused[operation] for operation in ("BatchGetItem", "PutItem", "UpdateItem"))
    monkeypatch.delenv("AWS_ENDPOINT_URL_DYNAMODB")
    disconnect()
    assert shop.user("u1")["offer_sent"] is True
    assert len(shop.on_bus()) == 1


@pytest.mark.parametrize(("table", "key"), [("users", "user_id"), ("clients", "client_id")])
def test_an_item_nobody_can_read_fails_alone(shop: Shop, table: str, key: str):
    item = {key: {"S": "broken"}, "version": {"N": "1"}, "known": {"S": "no JSON"}}
    boto3.client("dynamodb").put_item(TableName=getattr(shop, table), Item=item)
    broken = hit("b", "remove", BEGIN, client="broken", user="broken", skus=["sku-1"])
    assert shop.take([broken, REMOVED, BOUGHT]) == ["1"]
    assert shop.send() == []
    assert len(shop.on_bus()) == 1


def test_an_e_mail_that_fails_is_sent_later_with_the_same_code_and_the_bus_is_told_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    address = f"{shop.name}@example.org"
    assert not shop.take([identify("who", BEGIN, "c1", "u1", address), REMOVED, BOUGHT])
    changes = shop.changes()
    with monkeypatch.context() as patched:
        patched.setattr(mailer(), "send_email", refusing("TooManyRequestsException"))
        assert len(shop.send(changes)) == 1
        (waiting,) = shop.effects()
        assert waiting["error"] == "TooManyRequestsException"
    assert shop.send(changes) == []
    (offer,) = shop.on_bus()
    (mail,) = shop.mails(address)
    assert offer["code"] in mail["BodyText"]
    assert json.loads(shop.effects()[0]["result"])["email"] == "sent"


@pytest.mark.parametrize(
    "code", ["MessageRejected", "AccountSuspendedException", "SendingPausedException", "AccessDeniedException"]
)
def test_an_e_mail_that_ses_will_not_take_is_noted_and_counted_and_keeps_nobody_waiting(
    shop: Shop, emulator: Account, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], code: str
):
    address = f"{shop.name}@example.org"
    assert not shop.take([identify("who", BEGIN, "c1", "u1", address), REMOVED, BOUGHT])
    capsys.readouterr()
    with mail_through(emulator, monkeypatch) as proxy:
        proxy.refuse(SEND_EMAIL, Refusal(code, 400))
        assert shop.send() == []
    assert json.loads(shop.effects()[0]["result"])["email"] == f"refused: {code}"
    assert len(shop.on_bus()) == 1
    printed = capsys.readouterr().out
    assert address not in printed
    lines = [json.loads(line) for line in printed.splitlines()]
    assert [line["error"] for line in lines if line.get("level") == "WARNING"] == [code]
    assert [line["MailRefused"] for line in lines if "MailRefused" in line] == [1]


def test_an_attempt_asks_ses_once(shop: Shop, emulator: Account, monkeypatch: pytest.MonkeyPatch):
    assert not shop.take([identify("who", BEGIN, "c1", "u1", f"{shop.name}@example.org"), REMOVED, BOUGHT])
    changes = shop.changes()
    with mail_through(emulator, monkeypatch) as proxy:
        proxy.refuse(SEND_EMAIL, BROKEN)
        assert len(shop.send(changes)) == 1
        assert proxy.seen[SEND_EMAIL] == 1
    assert len(shop.on_bus()) == 1, "the bus does not wait for the e-mail"


def test_ses_that_can_not_be_reached_holds_up_no_offer_of_the_batch_on_the_bus(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    records = [identify("who", BEGIN, "c1", "u1", f"{shop.name}@example.org"), REMOVED, BOUGHT]
    records += [
        identify("who-2", BEGIN, "c2", "u2", f"{shop.name}.2@example.org"),
        hit("removed-2", "remove", BEGIN, client="c2", user="u2", skus=["sku-2"]),
        hit("bought-2", "purchase", BEGIN + SECOND, client="c2", user="u2", value="80", order="T2"),
    ]
    assert not shop.take(records)
    changes = shop.changes()
    with monkeypatch.context() as patched:
        patched.setenv("AWS_ENDPOINT_URL_SESV2", "http://127.0.0.1:9")
        disconnect()
        forget()
        assert len(shop.send(changes)) == 2
    assert len(shop.on_bus()) == 2
    disconnect()
    forget()
    assert shop.send(changes) == []
    assert len(shop.mails(f"{shop.name}@example.org")) == len(shop.mails(f"{shop.name}.2@example.org")) == 1
    assert shop.on_bus() == []


def test_an_entry_that_the_bus_refuses_in_a_good_answer_is_put_again(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    assert not shop.take([REMOVED, BOUGHT])
    changes = shop.changes()
    refused = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": ""}]}
    with monkeypatch.context() as patched:
        patched.setattr(perform.sender()._bus._client, "put_events", lambda **_entries: refused)
        assert len(shop.send(changes)) == 1
    assert shop.send(changes) == []
    assert len(shop.on_bus()) == 1


def test_who_died_before_the_mark_is_followed_when_the_lease_is_over_with_the_same_code(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    assert not shop.take([REMOVED, BOUGHT])
    changes = shop.changes()
    with monkeypatch.context() as patched:
        patched.setattr(perform.effect_log(), "_mark", die)
        with pytest.raises(KeyboardInterrupt):
            shop.send(changes)
    (first,) = shop.on_bus()
    assert len(shop.send(changes)) == 1, "it may still be at work"
    now = perform.effect_log()._now
    monkeypatch.setattr(perform.effect_log(), "_now", lambda: now() + LEASE_SECONDS + 1)
    assert shop.send(changes) == []
    assert shop.on_bus() == [], "the bus was told"
    (effect,) = shop.effects()
    assert effect["code"] == first["code"]
    assert shop.user("u1")["offer_sent"] is True


def test_one_customer_whose_offer_fails_does_not_stop_the_others(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    assert not shop.take([REMOVED, BOUGHT])
    assert not shop.take(
        [
            hit("removed-2", "remove", BEGIN, client="c2", user="u2", skus=["sku-2"]),
            hit("bought-2", "purchase", BEGIN, client="c2", user="u2", value="80", order="T2"),
        ]
    )
    changes = shop.changes()
    customers = perform.sender()._customers
    mark = customers.mark

    def refuse_one(effect: Any) -> None:
        if effect.key == "u1":
            raise ZeroDivisionError
        mark(effect)

    with monkeypatch.context() as patched:
        patched.setattr(customers, "mark", refuse_one)
        assert len(shop.send(changes)) == 1
    assert shop.user("u2")["offer_sent"] is True
    assert shop.send(changes) == []
    assert shop.user("u1")["offer_sent"] is True
    assert len(shop.on_bus()) == 2


def test_a_customer_read_before_the_mark_can_not_undo_it(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    assert not shop.take([REMOVED, BOUGHT])
    users = handler.tables().users
    save, interrupted = users.save, []

    def interrupt(*arguments: Any) -> None:
        if not interrupted:
            interrupted.append(True)
            assert shop.send() == []
        save(*arguments)

    monkeypatch.setattr(users, "save", interrupt)
    assert not shop.take([hit("more", "remove", BEGIN + 2 * SECOND, user="u1", skus=["sku-2"])])
    assert shop.user("u1")["offer_sent"] is True
    assert shop.user("u1")["removed_items"] == {"sku-1", "sku-2"}


@contextmanager
def mail_through(emulator: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[Faults]:
    """A proxy between the sending function and SES."""
    with faults(emulator.url) as proxy, monkeypatch.context() as patched:
        patched.setenv("AWS_ENDPOINT_URL_SESV2", proxy.url)
        disconnect()
        forget()
        yield proxy
    disconnect()
    forget()


def mailer() -> Any:
    found = perform.sender()._mailer
    assert found is not None
    return found._client


def refusing(code: str) -> Callable[..., Any]:
    """A call that AWS refuses."""

    def refuse(**_parameters: object) -> None:
        raise ClientError({"Error": {"Code": code}}, "Refused")

    return refuse


def die(*_arguments: object) -> None:
    """As a function that is killed: no handler of errors hears of it."""
    raise KeyboardInterrupt
