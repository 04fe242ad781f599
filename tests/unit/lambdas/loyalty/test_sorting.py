from hypothesis import given
from hypothesis import strategies as st

from loyalty.files import Dropped
from loyalty.lines import Encoding, cut
from loyalty.sorting import Sorted, sort_out

MEMBERS = Dropped("lake", "loyalty/members/list.csv", "v1", "etag", 1, 1_795_000_000_000)
CONVERSIONS = MEMBERS._replace(key="loyalty/conversions/june.txt")


def sort(data: bytes, file: Dropped = CONVERSIONS, first: int = 1) -> Sorted:
    return sort_out(file, list(cut([data], Encoding.UTF_8, first, 0)), Encoding.UTF_8)


@given(
    st.lists(
        st.sampled_from(
            [b"a@x.org, , , F", b"H, ClickConversion, a@x.org, Facebook", b"email,gender", b"", b" ", b"\xff"]
        )
        | st.binary(max_size=20)
    ),
    st.sampled_from([MEMBERS, CONVERSIONS]),
)
def test_each_line_has_one_outcome(lines, file):
    data = b"\n".join(lines)
    found = sort(data, file)
    cut_lines = len(list(cut([data], Encoding.UTF_8, 1, 0)))
    outcomes = len(found.rows) + len(found.refused) + found.blank
    assert outcomes == cut_lines if found.problem is None else outcomes <= cut_lines


def test_refusals_tell_the_line_and_stop_nobody_else():
    found = sort(b"H, ClickConversion, a@x.org, Facebook\nnonsense\n\nH, ClickConversion, b@x.org, Facebook")
    assert [row.customer for row in found.rows] == ["a@x.org", "b@x.org"]
    ((line, problem),) = found.refused
    assert (problem.line, problem.reason, line.data) == (2, "unknown_conversion", b"nonsense")
    assert found.blank == 1


def test_a_line_keeps_its_id_where_it_stands_and_two_lines_never_share_one():
    line = b"H, ClickConversion, a@x.org, Facebook"
    first, second = sort(line + b"\r\n" + line).rows
    (again,) = sort(b" " + line).rows
    (elsewhere,) = sort(line, CONVERSIONS._replace(key="loyalty/conversions/july.txt")).rows
    (changed,) = sort(line.replace(b"Facebook", b"Instagram")).rows
    assert again.conversion_id == first.conversion_id
    assert len({first.conversion_id, second.conversion_id, elsewhere.conversion_id, changed.conversion_id}) == 4
    assert first.cause == "loyalty/conversions/june.txt:1"


def test_after_a_wrong_header_nothing_is_taken_for_what_it_is_not():
    found = sort(b"mailbox,instagram,facebook,sex\na@x.org, ann_on_instagram, ann_on_facebook, F", MEMBERS)
    assert found.problem == "wrong_header"
    assert not found.rows


def test_a_header_is_looked_for_once():
    found = sort(b"\nemail,gender\na@x.org,F\nemail,gender", MEMBERS)
    assert [(row.customer, row.gender) for row in found.rows] == [("a@x.org", "F")]
    assert [problem.reason for _, problem in found.refused] == ["invalid_email"]
    assert found.columns == ("email", "gender")


def test_a_cause_is_short_and_ends_with_the_line():
    (row,) = sort(
        b"H, ClickConversion, a@x.org, Facebook", CONVERSIONS._replace(key=CONVERSIONS.key + "ü" * 500), 7
    ).rows
    assert len(row.cause.encode()) <= 160
    assert row.cause.endswith(":7")
