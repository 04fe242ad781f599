from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from embedded.snowflake.catalogue import Catalogue, quoted


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue(tmp_path / "not yet there" / "catalogue.json")


def test_an_object_is_found_under_its_full_name_by_another_reader(catalogue):
    catalogue.put("TABLE", quoted("DB", "RAW", "LOGS"), {"columns": [{"name": "DATA", "type": "VARIANT"}]})
    assert Catalogue(catalogue.path).get("TABLE", '"DB"."RAW"."LOGS"')["columns"][0]["name"] == "DATA"


def test_what_is_not_there_is_a_key_error(catalogue):
    with pytest.raises(KeyError):
        catalogue.get("TABLE", quoted("DB", "RAW", "LOGS"))


def test_a_kind_lists_only_its_own_objects(catalogue):
    catalogue.put("SCHEMA", quoted("DB", "RAW"), {})
    catalogue.put("TABLE", quoted("DB", "RAW", "LOGS"), {})
    assert list(catalogue.list("TABLE")) == ['"DB"."RAW"."LOGS"']
    assert catalogue.list("PIPE") == {}


def test_dropping_is_the_same_twice(catalogue):
    catalogue.put("ROLE", quoted("RO"), {})
    catalogue.drop("ROLE", quoted("RO"))
    catalogue.drop("ROLE", quoted("RO"))
    assert catalogue.list("ROLE") == {}


def test_writers_at_the_same_time_lose_nothing(catalogue):
    def put(number: int) -> None:
        Catalogue(catalogue.path).put("ROLE", quoted(str(number)), {})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(40)))
    assert len(catalogue.list("ROLE")) == 40


def test_a_quote_in_a_name_can_not_end_it():
    assert quoted('a"b') == '"a""b"'
