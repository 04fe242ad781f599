"""What clients are told besides the GIF."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

GOOD = "v=1&tid=UA-1-1&cid=1"


@pytest.fixture(scope="module")
def explain(post: Any) -> Any:
    """What /debug/collect says of a body; nothing may be stored for it."""

    def ask(body: str | None, **changes: Any) -> dict[str, Any]:
        intake = post(body, path="/debug/collect", **changes)
        assert not intake.events
        assert not intake.bad_rows
        response = intake.response()
        assert (response["statusCode"], response["headers"]["content-type"]) == (200, "application/json")
        return json.loads(response["body"])

    return ask


def codes(result: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    return [
        (each["messageType"], each["messageCode"], each.get("parameter"))
        for each in result["hitParsingResult"][0]["parserMessage"]
    ]


@pytest.mark.parametrize(
    "hit",
    [
        "t=pageview&dp=%2Fhome",
        "t=screenview&an=shop&cd=home&av=1.5",
        "t=event&ec=video&ea=play&ev=300&ni=1",
        "t=transaction&ti=12345&tr=50.00&cu=EUR",
        "t=item&ti=12345&in=sofa&ip=300&iq=2&ic=u3eqds43",
        "t=social&sn=facebook&sa=like&st=%2Fhome",
        "t=exception&exd=IOException&exf=1",
        "t=timing&utc=scripts&utv=load&utt=123&dns=100",
        "t=pageview&dl=https%3A%2F%2Fshop.example&pa=purchase&ti=T1&tr=37.39&pr1id=P1&pr1nm=shirt&pr1qt=1&pr1ps=2",
        "t=event&ec=e&ea=refund&pa=refund&ti=T1&pr1id=P1&pr1qt=1",
        "t=pageview&dp=%2F&il1nm=search&il1pi1id=P1&il1pi1ps=1&il1pi2nm=mug&il1pi2pr=9.5&promo1id=a&promo1cr=banner",
    ],
)
def test_googles_own_examples_are_valid_and_raise_no_warning(explain: Any, hit: str) -> None:
    body = f"{GOOD}&{hit}"
    assert explain(body) == {
        "hitParsingResult": [{"valid": True, "parserMessage": [], "hit": f"/debug/collect?{body}"}],
        "parserMessage": [{"messageType": "INFO", "description": "Found 1 hit in the request."}],
    }
    assert explain(None, method="GET", rawQueryString=body) == explain(body)


@pytest.mark.parametrize(
    ("hit", "code", "parameter"),
    [
        ("v=1&tid=UA-1-1&t=pageview", "VALUE_REQUIRED", "cid"),
        (GOOD, "VALUE_REQUIRED", "t"),
        (f"{GOOD}&t=click", "VALUE_INVALID", "t"),
        (f"{GOOD}&t=event&qt=-1", "VALUE_OUT_OF_BOUNDS", "qt"),
        (f"{GOOD}{'1' * 260}&t=event", "VALUE_OUT_OF_BOUNDS", "cid"),
        (f"{GOOD}&uid={'1' * 260}&t=event", "VALUE_OUT_OF_BOUNDS", "uid"),
        (f"{GOOD}&t=event&t=pageview", "VALUE_INVALID", "t"),
        ('{"t":"event","cid":7}', "VALUE_INVALID", "cid"),
        ("hello", "VALUE_INVALID", None),
        ('{"t":', "VALUE_INVALID", None),
        ('{"t":"event" "cid":"1"}', "VALUE_INVALID", None),
        ("", "VALUE_REQUIRED", None),
        ("x" * 9_000, "VALUE_INVALID", None),
        ("x" * 300_000, "VALUE_INVALID", None),
    ],
)
def test_what_would_be_a_bad_row_is_an_error(explain: Any, hit: str, code: str, parameter: str | None) -> None:
    result = explain(hit)
    assert not result["hitParsingResult"][0]["valid"]
    assert codes(result) == [("ERROR", code, parameter)]


@pytest.mark.parametrize(
    ("hit", "code", "parameter"),
    [
        ("tid=UA-1-1&cid=1&t=pageview&dp=/", "VALUE_REQUIRED", "v"),
        ("v=2&tid=UA-1-1&cid=1&t=pageview&dp=/", "VALUE_INVALID", "v"),
        ("v=1&cid=1&t=pageview&dp=/", "VALUE_REQUIRED", "tid"),
        ("v=1&tid=G-C5VLPRS4QY&cid=1&t=pageview&dp=/", "VALUE_INVALID", "tid"),
        (f"{GOOD}&t=pageview", "VALUE_REQUIRED", "dl"),
        (f"{GOOD}&t=event&ec=a", "VALUE_REQUIRED", "ea"),
        (f"{GOOD}&t=event&ec=&ea=b", "VALUE_REQUIRED", "ec"),
        (f"{GOOD}&t=item&ti=1", "VALUE_REQUIRED", "in"),
        (f"{GOOD}&t=event&ec=a&ea=b&ev=-1", "VALUE_INVALID", "ev"),
        (f"{GOOD}&t=event&ec=a&ea=b&qt=14400001", "VALUE_OUT_OF_BOUNDS", "qt"),
        (f"{GOOD}&t=transaction&ti=1&tr=1,50", "VALUE_INVALID", "tr"),
        (f"{GOOD}&t=pageview&dp=/&pa=buy", "VALUE_INVALID", "pa"),
        (f"{GOOD}&t=pageview&dp=/&pa=purchase&pr1id=P1", "VALUE_REQUIRED", "ti"),
        (f"{GOOD}&t=pageview&dp=/&pr1pr=5&pr1qt=2", "VALUE_REQUIRED", "pr1id"),
        (f"{GOOD}&t=pageview&dp=/&il1pi1br=brand", "VALUE_REQUIRED", "il1pi1id"),
        (f"{GOOD}&t=pageview&dp=/&promo1ps=top", "VALUE_REQUIRED", "promo1id"),
    ],
)
def test_what_only_google_would_mind_is_a_warning(explain: Any, post: Any, hit: str, code: str, parameter: str) -> None:
    result = explain(hit)
    assert result["hitParsingResult"][0]["valid"]
    assert codes(result) == [("WARN", code, parameter)]
    assert len(post(hit).events) == 1, "what is valid is kept"


@pytest.mark.parametrize(
    ("body", "hits"),
    [
        ("t=event&cid=1\nt=event\n", 2),
        ('{"t":"event","cid":"1"}\n{"t":"event"}', 2),
        ('{\n"t": "event",\n"cid": "1"\n}', 1),
        ("\n".join(["t=event&cid=1"] * 21), 21),
    ],
)
def test_a_batch_is_explained_hit_by_hit(explain: Any, body: str, hits: int) -> None:
    result = explain(body)
    assert len(result["hitParsingResult"]) == hits
    assert result["parserMessage"][0]["description"].startswith(f"Found {hits} hit")


def test_a_hit_that_would_be_declined_says_so(explain: Any) -> None:
    body = f"{GOOD}&t=pageview&dp=/&gcs=G100"
    ((message,),) = [each["parserMessage"] for each in explain(body)["hitParsingResult"]]
    assert message["messageType"] == "INFO"
    assert "tracked" in message["description"]


def test_a_fault_of_our_own_is_not_explained_away(post: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_named: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("collect.taking.Envelopes", fail)
    assert post(f"{GOOD}&t=pageview", path="/debug/collect").response()["statusCode"] == 500


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_analytics_js_is_told_one_and_nothing_to_fetch(post: Any, method: str) -> None:
    # As analytics.js sends it: a POST with all in the query string and an empty body.
    intake = post("", path="/j/collect", method=method, rawQueryString=f"{GOOD}&t=pageview&_v=j101&_r=1&jid=7")
    response = intake.response()
    assert (response["statusCode"], response["body"], len(intake.events)) == (200, "1", 1)
    assert response["headers"]["content-type"] == "text/plain"


def test_analytics_js_is_told_what_is_wrong_with_a_request_nobody_can_read(post: Any) -> None:
    assert post('{"t":', path="/j/collect").response()["statusCode"] == 400


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_r_collect_never_leads_anywhere_else(post: Any, method: str) -> None:
    response = post("", path="/r/collect", method=method, rawQueryString=f"{GOOD}&t=pageview").response()
    assert (response["statusCode"], response["headers"]["content-type"]) == (200, "image/gif")
    assert "location" not in response["headers"]


NAMES = [
    *("v", "tid", "cid", "uid", "t", "qt", "z", "dl", "ev", "tr", "pa", "promoa", "ni", "gcs", "gcd", "uip", "\0"),
    *("pr1id", "pr1qt", "pr200pr", "promo1nm", "il1pi1ps", "il1pi1", "cm1", "pr1cd1", "\ud800"),
]
VALUES = st.one_of(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=12),
    st.sampled_from(["1", "event", "item", "purchase", "G100", "11l1p1l1l5", "٣", "-0", "1e3", [], {}]),
)


@given(hit=st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), VALUES, max_size=10))
@settings(max_examples=150, deadline=None)
def test_any_hit_is_explained_and_valid_is_what_is_kept(post: Any, hit: dict[str, Any]) -> None:
    body = json.dumps(hit)
    response, kept = post(body, path="/debug/collect").response(), post(body)
    assert response["statusCode"] == 200
    (result,) = json.loads(response["body"])["hitParsingResult"]
    assert result["valid"] == bool(kept.events or kept.declined)


@given(
    body=st.text(st.characters(), max_size=60) | st.lists(st.sampled_from(["t=event&cid=1", "{", ""])).map("\n".join)
)
@settings(max_examples=150, deadline=None)
def test_any_text_is_explained(post: Any, body: str) -> None:
    response = post(body, path="/debug/collect").response()
    assert response["statusCode"] == 200
    assert json.loads(response["body"])["hitParsingResult"]
