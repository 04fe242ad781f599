import re
from dataclasses import replace
from pathlib import Path

import pytest

from embedded.engine.naming import automatic_name
from embedded.engine.settings import DEFAULT_NAMING, Project
from headrace.console import Problem

PROJECT = Project(
    name="shop", stack="dev", folder=Path(), program=Path(), config={}, naming="${project}-${stack}-${name}-${hex(7)}"
)
URN = "urn:pulumi:dev::shop::aws:s3/bucket:Bucket::lake"


def test_names_follow_the_projects_pattern():
    assert re.fullmatch(r"shop-dev-lake-[0-9a-f]{7}", automatic_name(PROJECT, URN, 0))
    assert re.fullmatch(r"lake-[0-9a-f]{7}", automatic_name(replace(PROJECT, naming=DEFAULT_NAMING), URN, 0))


def test_a_name_stays_until_the_resource_is_replaced():
    assert automatic_name(PROJECT, URN, 0) == automatic_name(PROJECT, URN, 0) != automatic_name(PROJECT, URN, 1)


def test_an_unknown_part_is_an_error():
    with pytest.raises(Problem, match="not known"):
        automatic_name(replace(PROJECT, naming="${name}-${uuid}"), URN, 0)
