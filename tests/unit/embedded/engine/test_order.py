from hypothesis import given
from hypothesis import strategies as st

from embedded.engine.order import deletion_order, dependents, leans_on
from embedded.engine.state import Entry


def entry(number: int, needs: list[int], parent: int | None = None) -> Entry:
    return Entry(
        urn=f"u{number}",
        type="t",
        dependencies=[f"u{need}" for need in needs],
        parent="" if parent is None else f"u{parent}",
    )


@st.composite
def graphs(draw) -> list[Entry]:
    """Resources that lean on earlier ones, in any order."""
    count = draw(st.integers(1, 12))
    earlier = [draw(st.lists(st.integers(0, number - 1), max_size=4)) if number else [] for number in range(count)]
    entries = [entry(number, needs) for number, needs in enumerate(earlier)]
    return draw(st.permutations(entries))


@given(graphs())
def test_whatever_leans_on_a_resource_goes_before_it(entries):
    order = [each.urn for each in deletion_order(entries)]
    assert sorted(order) == sorted(each.urn for each in entries)
    for each in entries:
        assert all(order.index(each.urn) < order.index(need) for need in leans_on(each))


def test_children_go_before_parents_and_what_is_not_there_does_not_matter():
    assert [each.urn for each in deletion_order([entry(0, [9]), entry(1, [], parent=0)])] == ["u1", "u0"]


def test_a_replaced_resource_goes_with_its_successor():
    assert [each.urn for each in deletion_order([entry(0, []), entry(1, [0]), entry(0, [])])] == ["u1", "u0", "u0"]


def test_dependents_are_found_through_others():
    entries = [entry(0, []), entry(1, [0]), entry(2, [1]), entry(3, [])]
    assert dependents("u0", entries) == {"u1", "u2"}
