"""Every sku has a product with a category, where it is known, and an exact price."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.console import Problem
from pumper.catalogue import PRICE_RANGES, Catalogue
from pumper.rows import BadRows


def test_category_and_bucket_are_used_and_vectors_skipped(write_dataset):
    folder = write_dataset(products=['p1,"[0.1, 0.2]",a/b,"[0.3]",4.0', "p2,,,,"])
    catalogue = Catalogue.read(folder, BadRows())
    product = catalogue.product("p1")
    assert product.category == "a/b"
    assert PRICE_RANGES[3][0] <= product.price < PRICE_RANGES[3][1]
    assert catalogue.product("p2").category == ""
    assert len(catalogue) == 2


def test_bad_products_are_counted_and_the_others_read(write_dataset):
    bad = BadRows()
    folder = write_dataset(products=["p1,,a,,11.0", ",,a,,1.0", "p2,a", "p3,,a,,x", "p4,,a,,2.0"])
    assert len(Catalogue.read(folder, bad)) == 1
    assert bad.count == 4
    assert "line 2: price_bucket '11.0'" in bad.examples[0]


def test_a_missing_catalogue_is_one_line(tmp_path):
    with pytest.raises(Problem, match=r"sku_to_content\.csv can not be read"):
        Catalogue.read(tmp_path, BadRows())


@given(st.text(max_size=70))
def test_any_sku_has_a_price(sku):
    product = Catalogue({}, [""]).product(sku)
    assert PRICE_RANGES[0][0] <= product.price < PRICE_RANGES[-1][1]
    assert product == Catalogue({}, [""]).product(sku)
