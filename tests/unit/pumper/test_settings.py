"""What is asked for is understood, or one line says what is wrong with it."""

import json

import pytest

from headrace.console import Problem
from pumper import settings


def test_modes_exclude_each_other():
    with pytest.raises(Problem, match="--now and --rate exclude each other"):
        settings.mode_of(now=True, replay=False, rate="5", speedup=None, ending=None)
    with pytest.raises(Problem, match="--speedup is for --replay"):
        settings.mode_of(now=False, replay=False, rate=None, speedup="5", ending=None)
    assert settings.mode_of(now=False, replay=False, rate=None, speedup=None, ending=None) == "now"


@pytest.mark.parametrize("text", ["abc", "0", "-5", "1.5", "5k"])
def test_n_events_is_a_number(text):
    with pytest.raises(Problem, match=f"N_EVENTS is '{text}'"):
        settings.events_of(text)


def test_nothing_given_is_no_limit():
    assert settings.events_of("") is settings.events_of(None) is None


@pytest.mark.parametrize("text", ["zero", "0", "-1", "inf", "nan"])
def test_a_speedup_is_a_number_above_zero_or_max(text):
    with pytest.raises(Problem, match="--speedup"):
        settings.speedup_of(text)


def test_speedups():
    assert [settings.speedup_of(text) for text in (None, "60", "max")] == [1.0, 60.0, None]


def test_missing_files_are_named(tmp_path):
    (tmp_path / "browsing_train.csv").touch()
    with pytest.raises(Problem, match=r"lacks search_train\.csv, sku_to_content\.csv"):
        settings.dataset_of(str(tmp_path))
    with pytest.raises(Problem, match="is not a folder"):
        settings.dataset_of(str(tmp_path / "none"))


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADRACE_HOME", str(tmp_path))
    (tmp_path / "local").mkdir()
    return tmp_path / "local"


def test_without_a_stack_and_a_url_there_is_nowhere_to_send(home):
    with pytest.raises(Problem, match="nothing is deployed as stack 'local'"):
        settings.url_of(None, "local")


def test_the_stack_s_url_is_the_default_and_known_as_deployed(home):
    (home / "outputs.json").write_text(json.dumps({"collect_url": "http://127.0.0.1:9/collect"}))
    assert settings.url_of(None, "local") == ("http://127.0.0.1:9/collect", True)
    assert settings.url_of("http://127.0.0.1:9/collect", "local")[1] is True
    assert settings.url_of("https://example.com/collect", "local") == ("https://example.com/collect", False)


@pytest.mark.parametrize("url", ["ftp://x/collect", "collect", "http://", "http://x:99999/collect"])
def test_what_is_not_a_url_is_told(home, url):
    with pytest.raises(Problem, match="is not a URL"):
        settings.url_of(url, "local")


@pytest.mark.parametrize(
    ("url", "size", "target"),
    [
        ("https://x.example/collect", 20, "https://x.example/batch"),
        ("https://x.example/stage/collect", 20, "https://x.example/stage/batch"),
        ("https://x.example", 20, "https://x.example/batch"),
        ("https://x.example/collect", 1, "https://x.example/collect"),
    ],
)
def test_batches_go_to_the_sibling_of_collect(url, size, target):
    asked = settings.Settings(
        stack="local",
        url=url,
        deployed=False,
        dataset=None,
        events=None,
        mode="now",
        rate=None,
        speedup=1.0,
        ending_now=False,
        concurrency=1,
        batch_size=size,
        seed=1,
        fresh=False,
        resume=False,
        strict=False,
        as_json=False,
    )
    assert asked.target == target
