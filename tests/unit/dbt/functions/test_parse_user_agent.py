"""What is read from a user agent's text: real ones, and any other."""

import json
import runpy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from headrace.user_agents import SOURCE
from pumper.visitors import DEVICES

FUNCTION = runpy.run_path(str(SOURCE))
AGENTS = yaml.safe_load(Path(__file__).with_name("agents.yml").read_text())
FIELDS = [
    *("browser_name", "browser_version", "browser_major", "os_name", "os_version"),
    *("device_type", "device_model", "device_vendor", "cpu_architecture", "engine_name", "engine_version", "is_bot"),
]


def parsed(user_agent: str | None) -> dict[str, Any]:
    return json.loads(FUNCTION["parse_user_agent"](user_agent))


@pytest.mark.parametrize("expected", AGENTS, ids=[entry["agent"][:60] for entry in AGENTS])
def test_real_user_agents_are_understood(expected):
    said = parsed(expected["agent"])
    assert [said["browser_name"], said["browser_version"], said["browser_major"]] == expected["browser"]
    assert [said["os_name"], said["os_version"]] == expected["os"]
    assert [said["device_type"], said["device_vendor"], said["device_model"]] == expected["device"]
    assert said["cpu_architecture"] == expected["cpu"]
    assert [said["engine_name"], said["engine_version"]] == expected["engine"]
    assert said["is_bot"] == expected["bot"]


@pytest.mark.parametrize("device", DEVICES, ids=lambda device: device.user_agent[13:60])
def test_the_pumpers_visitors_are_people_with_known_browsers(device):
    said = parsed(device.user_agent)
    named = ["browser_name", "browser_version", "os_name", "os_version", "device_type", "engine_name", "engine_version"]
    assert [field for field in named if said[field] is None] == []
    assert not said["is_bot"]


def words() -> list[str]:
    """Pieces of real user agents, so that arbitrary texts reach the rules."""
    return sorted({word for entry in AGENTS for word in entry["agent"].split()})


texts = st.one_of(
    st.text(max_size=300),
    st.text(st.characters(codec=None), max_size=50),  # with halves of characters, which no UTF-8 has
    st.lists(st.sampled_from(words()), max_size=30).map(" ".join),
)


@given(texts)
def test_any_text_has_an_answer_that_every_reader_of_json_understands(text):
    answer = FUNCTION["parse_user_agent"](text)
    said = json.loads(answer)
    assert list(said) == FIELDS
    assert isinstance(said.pop("is_bot"), bool)
    for value in said.values():
        assert value is None or (isinstance(value, str) and value.strip())
    # PostgreSQL's family and Snowflake refuse \u0000, and DuckDB a half of a character.
    assert "\\u0000" not in answer
    assert "\\ud8" not in answer
    assert answer.isascii()


@given(st.sampled_from([entry["agent"] for entry in AGENTS]), st.integers(1, 100_000))
def test_a_long_text_is_read_as_far_as_its_first_thousand_characters(agent, length):
    text = (agent + ";" * length)[: FUNCTION["MAXIMUM_CHARACTERS"] + length]
    assert parsed(text) == parsed(text[: FUNCTION["MAXIMUM_CHARACTERS"]])


@pytest.mark.parametrize("nothing", ["", " ", "\x00", "-", "null", "Mozilla/5.0", "(((((", "🤷", None])
def test_what_says_nothing_is_nothing(nothing):
    said = parsed(nothing)
    assert not said.pop("is_bot")
    assert set(said.values()) == {None}


def test_the_body_can_stand_between_snowflakes_dollar_signs():
    text = SOURCE.read_text()
    assert "$$" not in text
    assert "{{" not in text
    assert "{%" not in text
