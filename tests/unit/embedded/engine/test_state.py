import json

import pytest

from embedded.engine.state import Entry, State
from headrace.console import Problem


def entry(name: str, **more) -> Entry:
    return Entry(urn=f"urn:pulumi:s::p::t:i:T::{name}", type="t:i:T", id=name, **more)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.json"


def test_what_was_put_is_there_for_the_next_run(path):
    first, second = entry("a", inputs={"size": 1}), entry("b", secret_inputs=["word"], inputs={"word": "hush"})
    state = State(path)
    for each in (first, second):
        state.put(each)
    state.retire(entry("old"))
    state.publish({"url": "http://x", "word": "hush"}, frozenset({"word"}))
    again = State(path)
    assert again.resources == {first.urn: first, second.urn: second}
    assert again.retired == [entry("old")]
    assert again.outputs == {"url": "http://x", "word": "hush"}
    assert "hush" not in path.read_text()


def test_an_alias_moves_the_record_and_what_points_to_it(path):
    state = State(path)
    parent, child = entry("parent"), entry("child")
    child.dependencies, child.parent = [parent.urn], parent.urn
    state.put(parent)
    state.put(child)
    old, new = parent.urn, parent.urn + "-new"
    state.rename(old, new)
    again = State(path)
    assert again.resources[child.urn].dependencies == [new]
    assert again.resources[child.urn].parent == new
    assert old not in again.resources


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"format": 2}', json.dumps({"format": 1, "resources": 3})])
def test_a_broken_file_is_one_line_with_a_cure(path, content):
    path.write_text(content)
    with pytest.raises(Problem, match="can not be read"):
        State(path)


def test_nothing_is_written_before_there_is_something_to_write(path):
    State(path)
    assert not path.exists()
