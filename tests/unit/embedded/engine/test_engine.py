"""What a user sees of deploying a program: the same as with Pulumi's own engine."""

import os
import signal
import sys
from pathlib import Path

import pytest

from headrace.console import Problem

TWO = """
first = Thing("first", name="a", size=1)
second = Thing("second", name="b", of=first.arn)
pulumi.export("arn", second.arn)
"""


def test_a_program_is_deployed_and_its_outputs_are_known(stack):
    outcome = stack.up(TWO)
    assert outcome.outputs == {"arn": "arn:b"}
    assert outcome.counts == {"create": 2}
    assert stack.cloud.things == {"a": {"name": "a", "size": 1}, "b": {"name": "b", "of": "arn:a"}}


def test_a_second_run_changes_nothing(stack):
    stack.up(TWO)
    outcome = stack.up()
    assert outcome.counts == {"same": 2}
    assert outcome.outputs == {"arn": "arn:b"}
    assert (stack.cloud.done, stack.heard.steps) == ([], [])


def test_a_changed_setting_changes_only_what_uses_it(stack):
    stack.configure("  shop:size: 1\n")
    program = TWO.replace("size=1", 'size=pulumi.Config().require_int("size")')
    stack.up(program)
    stack.configure("  shop:size: 2\n")
    assert stack.up().counts == {"update": 1, "same": 1}
    assert stack.heard.steps == ["update first [size]"]
    assert stack.cloud.things["a"]["size"] == 2


def test_what_is_no_longer_declared_is_deleted(stack):
    stack.up(TWO)
    outcome = stack.up('Thing("first", name="a", size=1)')
    assert outcome.counts == {"same": 1, "delete": 1}
    assert outcome.outputs == {}
    assert list(stack.cloud.things) == ["a"]


def test_a_replacement_stands_before_the_old_one_goes(stack):
    stack.up('Thing("first", shape="round")')
    (old,) = stack.cloud.things
    outcome = stack.up('Thing("first", shape="square")')
    (new,) = stack.cloud.things
    assert old != new
    assert stack.cloud.done == [f"create {new}", f"delete {old}"]
    assert outcome.counts == {"replace": 1, "delete": 1}


def test_a_replacement_of_the_same_name_waits_until_the_old_one_is_gone(stack):
    stack.up('Thing("first", name="a", shape="round")')
    stack.up('Thing("first", name="a", shape="square")')
    assert stack.cloud.done == ["delete a", "create a"]


def test_what_went_with_a_replaced_resource_is_made_again(stack):
    program = """
outer = Thing("outer", name="outer", shape="round")
Thing("inner", name="inner", opts=ResourceOptions(depends_on=[outer]))
"""
    stack.up(program)
    del stack.cloud.things["inner"]  # as a schema goes with its database
    stack.up(program.replace("round", "square"))
    assert sorted(stack.cloud.things) == ["inner", "outer"]


def test_an_interrupted_replacement_leaves_nothing_behind(stack):
    stack.up('Thing("first", shape="round"); Thing("second", name="b")')
    stack.cloud.refused = {"c"}
    with pytest.raises(Problem):
        stack.up('Thing("first", shape="square"); Thing("third", name="c", opts=ResourceOptions(depends_on=[]))')
    stack.cloud.refused = set()
    stack.up('Thing("first", shape="square"); Thing("third", name="c")')
    assert len(stack.cloud.things) == 2
    stack.destroy()
    assert stack.cloud.things == {}


def test_a_failed_step_names_the_resource_and_the_next_run_goes_on_from_there(stack):
    stack.cloud.refused = {"b"}
    with pytest.raises(Problem, match=r"create of test:index:Thing 'second' failed: the cloud says no"):
        stack.up(TWO)
    assert list(stack.cloud.things) == ["a"]
    stack.cloud.refused = set()
    outcome = stack.up()
    assert outcome.counts == {"same": 1, "create": 1}
    assert outcome.outputs == {"arn": "arn:b"}


def test_after_a_failure_no_other_step_is_begun(stack):
    stack.cloud.refused = {"a"}
    with pytest.raises(Problem):
        stack.up(
            'first = Thing("first", name="a"); Thing("second", name="b", opts=ResourceOptions(depends_on=[first]))'
        )
    assert stack.cloud.things == {}


def test_a_resource_whose_creation_was_cut_off_is_found_again(stack):
    stack.cloud.cut = {"a"}
    with pytest.raises(Problem, match="cut off"):
        stack.up('Thing("first", name="a", size=1)')
    stack.cloud.cut = set()
    assert stack.up('Thing("first", name="a", size=2)').counts == {"create": 1}
    assert stack.cloud.things == {"a": {"name": "a", "size": 2}}
    assert stack.up().counts == {"same": 1}


def test_a_resource_whose_creation_was_cut_off_is_destroyed_too(stack):
    stack.cloud.cut = {"a"}
    with pytest.raises(Problem):
        stack.up('Thing("first", name="a")')
    stack.destroy()
    assert stack.cloud.things == {}


def test_a_resource_that_stands_without_a_record_is_taken_over(stack):
    stack.cloud.things["a"] = {"name": "a", "size": 7}
    stack.up('Thing("first", name="a", size=1)')
    assert stack.cloud.things["a"]["size"] == 1


def test_destroy_deletes_all_dependents_first_and_forgets_the_stack(stack):
    stack.up(TWO)
    assert stack.destroy().counts == {"delete": 2}
    assert stack.cloud.done == ["delete b", "delete a"]
    assert list(stack.state.parent.iterdir()) == []
    assert stack.destroy().counts == {}


def test_destroy_without_a_cloud_forgets_the_stack(stack):
    stack.up(TWO)
    stack.cloud.gone = True
    stack.destroy()
    assert not stack.state.exists()
    assert any("not running" in line for line in stack.heard.said)


def test_a_deletion_needs_the_cloud_when_the_stack_is_to_stay(stack):
    stack.up(TWO)
    stack.cloud.gone = True
    with pytest.raises(Problem, match=r"delete of test:index:Thing 'second' failed"):
        stack.up('Thing("first", name="a", size=1)')


def test_a_protected_resource_is_not_deleted(stack):
    stack.up('Thing("first", name="a", opts=ResourceOptions(protect=True))')
    with pytest.raises(Problem, match="it is protected"):
        stack.up("")
    with pytest.raises(Problem, match="it is protected"):
        stack.destroy()
    assert list(stack.cloud.things) == ["a"]


def test_a_retained_resource_outlives_its_record(stack):
    stack.up('Thing("first", name="a", opts=ResourceOptions(retain_on_delete=True))')
    stack.destroy()
    assert list(stack.cloud.things) == ["a"]


def test_ignored_changes_are_ignored(stack):
    program = 'Thing("first", name="a", size=1, opts=ResourceOptions(ignore_changes=["size"]))'
    stack.up(program)
    assert stack.up(program.replace("size=1", "size=2")).counts == {"same": 1}
    assert stack.up(program.replace("size=1", "size=2, other=1")).counts == {"update": 1}
    assert stack.cloud.things["a"] == {"name": "a", "size": 1, "other": 1}


def test_a_renamed_resource_with_an_alias_stays(stack):
    stack.up('Thing("first", name="a")')
    assert stack.up('Thing("new", name="a", opts=ResourceOptions(aliases=[pulumi.Alias(name="first")]))').counts == {
        "same": 1
    }


def test_two_resources_of_one_name_are_an_error(stack):
    with pytest.raises(Problem, match="two resources are test:index:Thing 'first'"):
        stack.up('Thing("first", name="a"); Thing("first", name="b")')


def test_children_of_components_do_not_clash(stack):
    stack.up("""
for label in ("left", "right"):
    Thing("child-" + label, opts=ResourceOptions(parent=Group(label)))
""")
    assert len(stack.cloud.things) == 2


def test_the_settings_of_an_explicit_provider_reach_its_resources_and_their_deletion(stack):
    stack.up("""
class Test(pulumi.ProviderResource):
    def __init__(self, label, **inputs):
        super().__init__("test", label, inputs)

Thing("first", name="a", opts=ResourceOptions(provider=Test("here", region="north")))
""")
    assert stack.cloud.things["a"]["region"] == "north"
    stack.destroy()
    assert stack.cloud.things == {}


def test_the_settings_of_the_default_provider_come_from_the_configuration(stack):
    stack.configure("  test:region: south\n")
    stack.up('Thing("first", name="a")')
    assert stack.cloud.things["a"]["region"] == "south"


def test_functions_are_called(stack):
    outcome = stack.up("""
pulumi.export("said", pulumi.runtime.invoke("test:index:say", {"word": "hello"}).value["said"])
""")
    assert outcome.outputs == {"said": "test:index:say hello"}


def test_a_preview_shows_the_changes_and_makes_none(stack):
    outcome = stack.preview(TWO)
    assert (outcome.counts, outcome.outputs) == ({"create": 2}, {"arn": "[unknown]"})
    assert sorted(stack.heard.steps) == ["create first", "create second"]
    assert not stack.cloud.things
    assert not stack.state.exists()


def test_a_preview_after_a_change_shows_only_the_change(stack):
    stack.up(TWO)
    before = stack.state.read_text()
    outcome = stack.preview(TWO.replace("size=1", "size=2"))
    assert outcome.counts == {"update": 1, "same": 1}
    assert outcome.outputs == {"arn": "arn:b"}
    assert stack.preview('Thing("first", name="a", size=1)').counts == {"delete": 1, "same": 1}
    assert stack.state.read_text() == before


def test_an_error_of_the_program_names_its_line(stack):
    with pytest.raises(Problem, match=r"program/__main__.py:\d+: ZeroDivisionError: division by zero"):
        stack.up("\nnothing = 0\n1 / nothing")


def test_an_error_within_apply_ends_the_run_and_keeps_what_was_done(stack):
    with pytest.raises(Problem, match="ValueError: no such arn"):
        stack.up("""
def refuse(arn):
    raise ValueError("no such arn")
pulumi.export("bad", Thing("first", name="a").arn.apply(refuse))
""")
    assert stack.up('pulumi.export("good", Thing("first", name="a").arn)').counts == {"same": 1}


def test_what_the_program_says_of_itself_is_one_line(stack):
    with pytest.raises(Problem, match="the program says: too small"):
        stack.up('raise pulumi.RunError("too small")')


def test_a_missing_setting_is_named(stack):
    with pytest.raises(Problem, match="size"):
        stack.up('pulumi.Config().require("size")')


def test_the_programs_own_words_are_passed_on(stack):
    stack.up('pulumi.log.warn("mind the gap")')
    assert stack.heard.said == ["warning: mind the gap"]


def test_the_program_runs_in_its_folder_and_nothing_of_it_stays_in_the_process(stack):
    (stack.folder / "program" / "neighbour.py").write_text("HERE = __file__")
    before = (Path.cwd(), list(sys.path))
    outcome = stack.up("import neighbour, os; pulumi.export('cwd', os.getcwd())")
    assert outcome.outputs == {"cwd": str(stack.folder / "program")}
    assert (Path.cwd(), sys.path) == before
    assert "neighbour" not in sys.modules


def test_interrupting_ends_between_steps_and_the_next_run_goes_on(stack):
    def interrupt(name: str) -> None:
        if name == "first":
            os.kill(os.getpid(), signal.SIGINT)

    stack.heard.on_step = interrupt
    with pytest.raises(KeyboardInterrupt):
        stack.up(TWO)
    assert list(stack.cloud.things) == ["a"]
    stack.heard.on_step = str
    assert stack.up().counts == {"same": 1, "create": 1}


def test_what_the_embedded_cloud_can_not_do_is_said(stack):
    with pytest.raises(Problem, match="importing resources"):
        stack.up('Thing("first", name="a", opts=ResourceOptions(import_="x"))')
