"""Segment's events have the same names in the warehouse and in real time."""

from typing import Any

import pytest
from jinja2 import Environment

from headrace.home import PROJECT_FOLDER
from shared.events import segment_names

FILE = PROJECT_FOLDER / "dbt" / "macros" / "hits" / "segment_names.sql"


class Returned(Exception):
    """What a macro returns: dbt's `return` is an exception too."""


def returned(value: object) -> None:
    raise Returned(value)


@pytest.mark.parametrize(
    ("macro", "names"),
    [
        ("segment_product_actions", segment_names.PRODUCT_ACTIONS),
        ("segment_promotion_actions", segment_names.PROMOTION_ACTIONS),
    ],
)
def test_the_warehouse_knows_the_names_that_real_time_knows(macro: str, names: Any) -> None:
    environment = Environment(extensions=["jinja2.ext.do"])
    macros = environment.from_string(FILE.read_text(), globals={"return": returned}).module
    with pytest.raises(Returned) as found:
        getattr(macros, macro)()
    assert found.value.args[0] == names
