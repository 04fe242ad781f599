from infrastructure.applications import loyalty as program
from loyalty import customers, files


def test_the_function_loads_what_it_is_told_of_and_writes_where_it_may():
    assert (program.MEMBERS, program.CONVERSIONS, program.RESULTS) == (files.MEMBERS, files.CONVERSIONS, files.RESULTS)


def test_a_batch_of_one_customer_fits_one_write():
    assert program.BATCH_SIZE <= customers.MAX_CONVERSIONS_A_WRITE
