"""Files dropped in the bucket, through the functions themselves, to decisions on the bus."""

import json

import boto3
import pytest

from headrace.applications.sent import loaded_lines
from headrace.forget.lake import PREFIXES, Lake
from headrace.forget.person import Finder, Person
from loyalty import loading

MEMBERS = """kangak@fakeemail.com, kangakerfluffle, kangakerfluffle, F
wackywallaroo@fakeemail.com, , wackywallaroo, M
playfulwally@fakeemail.com, playfulwally, , M
"""
CONVERSIONS = """MarsupialHoodie, ClickConversion, playfulwally@fakeemail.com, Instagram
MarsupialHoodie, ClickConversion, iamkevinkoala@fakeemail.com, Facebook
MarsupialHoodie, BasketConversion, kangak@fakeemail.com, [6;14]
MarsupialHoodie, BasketConversion, wildwombatzoo@fakeemail.com, [6]
MarsupialHoodie, PurchaseConversion, wombatz@fakeemail.com, [6;9], 18.64
MarsupialHoodie, PurchaseConversion, wally@veryrealemail.com, [6], 9.45
MarsupialHoodie, ClickConversion, wombatz@fakeemail.com, Facebook
"""


def test_the_references_lines_give_its_decisions(stack):
    stack.drop("loyalty/members/list.csv", MEMBERS)
    stack.load()
    stack.drop("loyalty/conversions/june.txt", CONVERSIONS)
    stack.load()
    assert stack.announce() == {"batchItemFailures": []}
    heard = [message["detail"] for message in stack.decisions(7)]
    assert sorted(decision["line"] for decision in heard) == sorted(
        [
            "Send additional promo code to: playfulwally@fakeemail.com, True",
            "Send additional promo code to: iamkevinkoala@fakeemail.com, False",
            "Send additional promo code to: kangak@fakeemail.com, False",
            "Send additional promo code to: wildwombatzoo@fakeemail.com, False",
            "Send additional promo code to: wombatz@fakeemail.com, False",
            "Send additional promo code to: wally@veryrealemail.com, False",
            "Send additional promo code to: wombatz@fakeemail.com, True",
        ]
    )
    assert {d["total"] for d in heard if d["conversion"] == "PurchaseConversion"} == {"18.64", "9.45"}
    assert stack.counts() == {
        ("MarsupialHoodie", "ClickConversion", "Instagram"): (1, 1),
        ("MarsupialHoodie", "ClickConversion", "Facebook"): (2, 1),
        ("MarsupialHoodie", "BasketConversion", None): (2, 0),
        ("MarsupialHoodie", "PurchaseConversion", None): (2, 0),
    }
    note = stack.note("conversions/june.txt")
    assert (note["state"], note["lines"], note["loaded"], note["refused"]) == ("loaded", 7, 7, 0)


def click(customer: str, promotion: str = "Hoodie", where: str = "Facebook") -> str:
    return f"{promotion}, ClickConversion, {customer}@x.org, {where}\n"


def test_the_same_file_dropped_twice_does_nothing_twice(stack):
    stack.drop("loyalty/members/list.csv", MEMBERS)
    for _ in range(2):
        stack.drop("loyalty/conversions/june.txt", CONVERSIONS)
    stack.load(times=2)  # and each notification is delivered twice
    stack.announce()
    assert sum(conversions for conversions, _ in stack.counts().values()) == 7
    note = stack.note("conversions/june.txt")
    assert (note["loaded"], note["duplicates"]) == (0, 7), "of the second drop"
    assert loaded_lines(boto3.client("dynamodb"), {"loyalty_files_table": f"files-{stack.name}"}) == 7


def test_what_was_dropped_before_something_else_is_the_newest_when_it_is_dropped_again(stack):
    first, second = "a@x.org, first, , F\n", "a@x.org, second, , F\n"
    for content, name in ((first, "first"), (second, "second"), (first, "first")):
        stack.drop("loyalty/members/list.csv", content)
        stack.load()
        assert stack.customer("a@x.org")["facebook"] == name
    for content in (click("a"), click("b"), click("a")):
        stack.drop("loyalty/conversions/june.txt", content)
    stack.load()
    stack.announce()
    assert stack.counts() == {("Hoodie", "ClickConversion", "Facebook"): (2, 1)}


def test_a_late_notification_of_an_older_version_leaves_the_newer_ones_note(stack):
    stack.drop("loyalty/members/list.csv", "a@x.org, first, , F\n")
    message = stack.receive()
    stack.hand_over(message)
    newer = stack.drop("loyalty/members/list.csv", "a@x.org, second, , F\nb@x.org, , , F\n")
    stack.load()
    note = stack.note("members/list.csv")
    assert note["version"] == newer
    assert stack.hand_over(message) == {"batchItemFailures": []}
    assert stack.note("members/list.csv") == note
    assert stack.customer("a@x.org")["facebook"] == "second"


def test_of_a_file_that_grew_only_the_new_lines_count(stack):
    stack.drop("loyalty/conversions/june.txt", click("a") + click("b"))
    stack.load()
    stack.drop("loyalty/conversions/june.txt", click("a") + click("b") + click("c"))
    stack.load()
    stack.announce()
    assert stack.counts() == {("Hoodie", "ClickConversion", "Facebook"): (3, 0)}
    note = stack.note("conversions/june.txt")
    assert (note["loaded"], note["duplicates"]) == (1, 2)


def test_another_name_is_another_file(stack):
    for name in ("june.txt", "july.txt"):
        stack.drop(f"loyalty/conversions/{name}", click("a"))
    stack.load()
    stack.announce()
    assert stack.counts() == {("Hoodie", "ClickConversion", "Facebook"): (2, 0)}


def test_decisions_have_a_number_for_each_customer_in_the_files_order(stack):
    stack.drop("loyalty/conversions/june.txt", "".join(click("ab"[n % 2], f"P{n}") for n in range(20)))
    stack.load()
    stack.announce()
    found = sorted((item["key"], json.loads(item["detail"])["sequence"], item["caused_by"]) for item in stack.entered())
    assert found == sorted(
        (f"{'ab'[n % 2]}@x.org", n // 2 + 1, [f"loyalty/conversions/june.txt:{n + 1}"]) for n in range(20)
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be-sig"])
def test_windows_files_are_read(stack, encoding):
    text = 'E-Mail,Gender,Facebook\r\njürgen@müller.example,M,"Müller, J."\r\n\r\nk@x.org,F,漢'
    data = ("\ufeff" + text).encode("utf-16-be") if encoding == "utf-16-be-sig" else text.encode(encoding)
    stack.drop("loyalty/members/windows.csv", data)
    stack.load()
    assert stack.customer("jürgen@müller.example")["facebook"] == "Müller, J."
    assert stack.customer("k@x.org")["facebook"] == "漢"
    note = stack.note("members/windows.csv")
    assert (note["state"], note["lines"], note["loaded"], note["blank"], note["refused"]) == ("loaded", 4, 2, 2, 0)


def test_what_can_not_be_used_is_kept_with_its_line_and_reason(stack):
    lines = [
        b"a@x.org, , , F",
        b"b@x.org, , F",
        "ü@x.org, , , F".encode("latin-1"),
        b"no e-mail, , , F",
        b'c@x.org, "c, , F',
        b"d@x.org, \0, , F",
        b"x" * 20_000,
        b"a@x.org, , , F",
        b"e@x.org, , , F",
    ]
    stack.drop("loyalty/members/list.csv", b"\n".join(lines))
    stack.load()
    assert stack.customer("a@x.org")["member"]
    assert stack.customer("e@x.org")["member"]
    expected = {
        2: "wrong_columns",
        3: "not_utf8",
        4: "invalid_email",
        5: "wrong_quotes",
        6: "nul",
        7: "line_too_long",
    }
    note = stack.note("members/list.csv")
    assert {one["line"]: one["reason"] for one in note["first_refused"]} == expected
    assert (note["lines"], note["loaded"], note["duplicates"], note["refused"]) == (9, 2, 1, 6)
    rows = stack.bad_rows()
    assert {row["message"].partition(":")[0]: row["reason"] for row in rows} == {
        f"line {line}": reason for line, reason in expected.items()
    }
    assert {row["request"]["path"] for row in rows} == {"loyalty/members/list.csv"}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "empty_file"),
        ("name,mailbox\nann,ann@x.org\n", "wrong_header"),
        ("email,email\na@x.org,b@x.org", "wrong_header"),
    ],
)
def test_a_file_of_no_use_is_refused_as_a_whole(stack, content, problem):
    stack.drop("loyalty/members/list.csv", content)
    assert stack.load() == [{"batchItemFailures": []}]
    note = stack.note("members/list.csv")
    assert (note["state"], note["problem"], note["loaded"]) == ("refused", problem, 0)
    assert [row["reason"] for row in stack.bad_rows()] == [problem]


def test_a_file_goes_on_in_the_next_invocation_where_time_is_short(stack, monkeypatch):
    monkeypatch.setattr(loading, "LINES_AT_A_TIME", 3)
    stack.drop("loyalty/conversions/june.txt", "".join(click(f"c{n}") for n in range(10)))
    answers = stack.load(seconds=1)
    assert answers == [{"batchItemFailures": []}] * 4, "three chunks that leave no time, and the rest"
    note = stack.note("conversions/june.txt")
    assert (note["state"], note["loaded"], note["duplicates"]) == ("loaded", 10, 0)


def test_a_folder_made_in_a_console_is_no_file(stack):
    stack.drop("loyalty/conversions/2026/", "")
    assert stack.load() == [{"batchItemFailures": []}]
    assert not stack.bad_rows()


def test_a_file_that_is_gone_holds_nobody_up(stack):
    stack.drop("loyalty/conversions/june.txt", click("a"))
    versions = boto3.client("s3").list_object_versions(Bucket=f"lake-{stack.name}")["Versions"]
    boto3.client("s3").delete_object(
        Bucket=f"lake-{stack.name}", Key="loyalty/conversions/june.txt", VersionId=versions[0]["VersionId"]
    )
    assert stack.load() == [{"batchItemFailures": []}]


def test_a_file_that_was_replaced_is_read_as_it_was(stack):
    stack.drop("loyalty/conversions/june.txt", click("a"))
    stack.drop("loyalty/conversions/june.txt", click("b"))
    stack.load()
    assert stack.customer("a@x.org")["sequence"] == stack.customer("b@x.org")["sequence"] == 1


def forget(stack, email):
    """Takes the lines with an address out of the conversions, as `headrace forget` does."""
    stack.to_come += 1
    (prefix,) = (prefix for prefix in PREFIXES if prefix.name == "loyalty/conversions/")
    lake = Lake(boto3.client("s3"), f"lake-{stack.name}")
    finder = Finder(Person(user_ids=frozenset({email})).known_by([], [email]))
    lake.clean(prefix, finder, lake.find(prefix, finder, lambda _: None), lambda _: None)


def test_who_waits_to_be_loaded_is_so_after_others_of_the_file_were_forgotten(stack, monkeypatch):
    monkeypatch.setattr(loading, "LINES_AT_A_TIME", 2)
    stack.drop("loyalty/conversions/june.txt", "".join(map(click, "abcdef")))
    assert stack.hand_over(stack.receive(), seconds=1) == {"batchItemFailures": []}, "a and b, and no time for more"
    forget(stack, "d@x.org")
    forget(stack, "a@x.org")
    stack.load()
    stack.announce()
    assert stack.counts() == {("Hoodie", "ClickConversion", "Facebook"): (5, 0)}, "all but d"
    assert stack.note("conversions/june.txt")["state"] == "loaded"


def test_what_was_loaded_is_not_loaded_again_without_the_forgotten(stack):
    stack.drop("loyalty/conversions/june.txt", "".join(map(click, "abc")))
    stack.load()
    note = stack.note("conversions/june.txt")
    forget(stack, "a@x.org")
    stack.load()
    forget(stack, "b@x.org")
    stack.load()
    assert stack.note("conversions/june.txt") == note
    assert loaded_lines(boto3.client("dynamodb"), {"loyalty_files_table": f"files-{stack.name}"}) == 3
