"""Hits that a Google Analytics user recognises, the same at every run."""

from decimal import Decimal
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumper.catalogue import Catalogue
from pumper.google_analytics import LONGEST_HIT, GoogleAnalytics
from pumper.lines import Position
from pumper.rows import Row, Search
from pumper.source import Run
from pumper.visitors import Visitors

TIME = 1_547_528_580_651


def encoder(salt=0):
    return GoogleAnalytics(Catalogue({"p1": 16 + 4}, ["", "a/b"]), Visitors(pool=4, seed=1), salt=salt)


def hits(*rows, salt=0):
    return encoder(salt).hits(Run(Position(0, 2), rows[0].session, list(rows)))


def parsed(hit):
    pairs = parse_qsl(hit.body, keep_blank_values=True, strict_parsing=True)
    assert len(pairs) == len(dict(pairs))
    return dict(pairs)


def test_a_pageview_has_what_a_browser_sends():
    (hit,) = hits(Row("s1", "pageview", "", TIME, "abc"))
    told = parsed(hit)
    assert told["v"] == "1"
    assert told["t"] == "pageview"
    assert told["dl"].startswith("https://shop.example.")
    assert told["dl"].endswith("/abc")
    assert {"tid", "cid", "z", "dt", "ul", "sr", "sd", "de", "ua", "cu"} <= told.keys()
    assert told["cd1"] == "s1"
    assert hit.timestamp == TIME


@pytest.mark.parametrize("action", ["detail", "click", "add", "remove"])
def test_a_product_action_names_the_product(action):
    told = parsed(hits(Row("s1", action, "p1", TIME, "abc"))[0])
    assert (told["t"], told["ec"], told["ea"], told["pa"]) == ("event", "ecommerce", action, action)
    assert (told["pr1id"], told["pr1ca"]) == ("p1", "a/b")
    assert {"pr1nm", "pr1br", "pr1va", "pr1ps"} <= told.keys()
    assert Decimal("15.00") <= Decimal(told["pr1pr"]) < Decimal("25.00")
    assert ("pr1qt" in told) == (action in ("add", "remove"))


def test_rows_of_one_purchase_are_one_transaction():
    page = Row("s1", "pageview", "", TIME, "thanks")
    bought = [Row("s1", "purchase", sku, TIME, "pay") for sku in ("p1", "p2", "p3")]
    first, second = hits(bought[0], page, *bought[1:])
    told = parsed(second)
    assert parsed(first)["t"] == "pageview"
    assert [told[f"pr{n}id"] for n in (1, 2, 3)] == ["p1", "p2", "p3"]
    assert {"ti", "ta", "tr", "tt", "ts"} <= told.keys()


def test_purchases_at_different_times_are_different_transactions():
    one, two = map(parsed, hits(*(Row("s1", "purchase", "p1", TIME + at, "pay") for at in (0, 1))))
    assert one["ti"] != two["ti"]


@given(st.lists(st.text(min_size=1, max_size=10), min_size=1, max_size=12))
def test_revenue_is_exactly_the_sum_of_the_products(skus):
    (hit,) = hits(*(Row("s1", "purchase", sku, TIME, "") for sku in skus))
    told = parsed(hit)
    count = len(set(skus))
    total = sum(Decimal(told[f"pr{n}pr"]) * int(told[f"pr{n}qt"]) for n in range(1, count + 1))
    assert Decimal(told["tr"]) == total
    assert f"pr{count + 1}id" not in told
    assert Decimal(0) <= Decimal(told["tt"]) < total


def test_a_search_tells_query_results_and_clicks():
    told = parsed(hits(Row("s1", "search", "", TIME, "", Search("cafe", 25, (("p1", 3),))))[0])
    assert (told["t"], told["ec"], told["ea"], told["el"], told["ev"]) == ("event", "search", "search", "cafe", "25")
    assert told["dl"].endswith("/search?q=cafe")
    assert (told["pa"], told["pal"], told["pr1id"], told["pr1ps"]) == ("click", "search results", "p1", "3")


def test_a_search_without_results_says_so():
    told = parsed(hits(Row("s1", "search", "", TIME, "", Search("cafe", 0, ())))[0])
    assert (told["ea"], told["ev"], told["cm1"]) == ("zero results", "0", "0")
    assert "pa" not in told


def test_an_add_and_its_purchase_agree_on_quantity_and_price():
    for session in map(str, range(50)):
        add, purchase = map(parsed, hits(*(Row(session, a, "p1", TIME, "") for a in ("add", "purchase"))))
        assert (add["pr1qt"], add["pr1pr"]) == (purchase["pr1qt"], purchase["pr1pr"])


def test_a_row_sent_again_is_the_same_hit_and_fresh_ids_make_it_another():
    rows = [Row("s1", "pageview", "", TIME, "abc"), Row("s1", "purchase", "p1", TIME, "pay")]
    assert [hit.body for hit in hits(*rows)] == [hit.body for hit in hits(*rows)]
    for old, new in zip(map(parsed, hits(*rows)), map(parsed, hits(*rows, salt=5)), strict=True):
        assert old["z"] != new["z"]
        assert old["cid"] == new["cid"]
        assert old.get("ti") != new.get("ti") or "ti" not in old


def test_an_exact_copy_of_a_row_is_known_as_one():
    row = Row("s1", "pageview", "", TIME, "abc")
    assert [hit.repeated for hit in hits(row, row, row._replace(timestamp=TIME + 1))] == [False, True, False]


def test_a_hit_too_long_for_google_analytics_is_left_out_and_counted():
    encode = encoder()
    run = Run(
        Position(0, 2), "s1", [Row("s1", "pageview", "", TIME, "ü" * 3_000), Row("s1", "pageview", "", TIME, "a")]
    )
    assert len(encode.hits(run)) == 1
    assert encode.too_long == 1


words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60)


@given(words, st.sampled_from(["pageview", "detail", "add", "remove", "purchase", "click"]), words, words)
def test_whatever_a_row_holds_comes_back_from_the_hit(session, action, sku, url):
    (hit,) = hits(Row(session, action, sku, TIME, url))
    assert hit.body.isascii()
    assert "\n" not in hit.body
    assert len(hit.body) <= LONGEST_HIT
    told = parsed(hit)
    assert told["cd1"] == session
    assert told["dl"].endswith(f"/{url}")
    assert action == "pageview" or told["pr1id"] == sku
