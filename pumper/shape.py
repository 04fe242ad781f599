"""The shape of the Coveo dataset in figures, from its README, its samples and public audits of the full data.

One table: the synthetic dataset is made from it and tests compare what was made with it. What the sources do not tell
is chosen in `synthetic`, and marked there as our choice.
"""

from typing import Final

FIRST_DAY_MS: Final = 1_546_300_800_000
"""1 January 2019, 00:00 UTC."""
DAYS: Final = 59
"""January and February."""

ROW_SHARES: Final = {"pageview": 0.7109, "detail": 0.2691, "add": 0.00913, "remove": 0.00877, "purchase": 0.00216}
"""Of the browsing rows."""
TWIN_SHARE: Final = 0.9999
"""Of the details, with a pageview of the same session, millisecond and url, before or after it."""
REPEATED_ROW_SHARE: Final = 1_800 / 36_079_307
OUT_OF_ORDER_SHARE: Final = 269 / 4_934_699
"""Of the sessions, whose rows are not by time."""

ROWS_A_SESSION: Final = 36_079_307 / 4_934_699
ROWS_QUANTILES: Final = {0.25: 2, 0.50: 3, 0.75: 8, 0.90: 17, 0.95: 27}
MOST_ROWS: Final = 206
"""Of one session."""
REACH: Final = {"detail": 0.66, "add": 0.0435, "remove": 0.0116, "purchase": 0.0108}
"""Of the sessions, that have at least one."""
PURCHASE_WITHOUT_ADD: Final = 0.13
"""Of the sessions with a purchase."""
START_TO_ADD: Final = 146.0
"""Seconds, the median."""
ADD_TO_PURCHASE: Final = 515.0
"""Seconds, the median."""

TOP_VIEWS: Final = {0.01: 0.31, 0.10: 0.80, 0.20: 0.93}
"""Share of the views that the most viewed of the skus take."""
CATALOGUED: Final = 66_386
PRICED_SHARE: Final = 32_038 / 66_386
"""Of the catalogue."""
UNCATALOGUED: Final = 27_910
"""Skus that browsing has and the catalogue has not, nearly all of them in removes and purchases only."""
VIEWED: Final = 57_483 - UNCATALOGUED
"""Skus of the catalogue that browsing has."""
ROOT_CATEGORIES: Final = 8
CATEGORY_LEVELS: Final = 3
"""About: the median."""

SEARCHES_A_ROW: Final = 819_516 / 36_079_307
SEARCHING_SHARE: Final = 550_100 / 4_934_699
"""Of the sessions."""
ZERO_RESULTS: Final = 0.26
"""Of the searches."""
MEDIAN_RESULTS: Final = 25
RANK_ONE_CLICKS: Final = 0.217
"""Of the clicked products."""
VECTOR_LENGTH: Final = 50

PEAK_HOUR: Final = 0
TROUGH_HOUR: Final = 7
PEAK_TO_TROUGH: Final = 19.5
