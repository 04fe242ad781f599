"""RAW.LOGS as large as one likes, quickly: what collector and embedded pipe would have made of a shop's traffic.

    python -m benchmarks.raw_rows FOLDER ROWS [--increment ROWS] [--seed 1]

FOLDER is then a HEADRACE_HOME whose stack `local` looks deployed, so `headrace transform` takes it. The shares of
pages, products, searches and purchases are those of the pumper's synthetic dataset; DuckDB makes the rows from ranges
and hashes, a million of them in some tens of seconds.

    shop       products, pages, browsers: what the hits are about
    hits       who did what and when, in narrow columns and in the order of receipt
    envelopes  the rows of RAW.LOGS, with the collector's JSON, as Parquet files
"""

from benchmarks.raw_rows.envelopes import ROWS_A_FILE, make_purchases, write
from benchmarks.raw_rows.figures import Figures, figures
from benchmarks.raw_rows.hits import DAYS, Traffic, hits

__all__ = ["DAYS", "ROWS_A_FILE", "Figures", "Traffic", "figures", "hits", "make_purchases", "write"]
