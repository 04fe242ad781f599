"""What the hits are about: products, pages, the length of sessions, and the browsers of their visitors.

All of them are DuckDB tables with a number as their key, so that a hit is made by looking things up.
"""

import duckdb
import pyarrow as pa

from pumper import shape
from pumper.catalogue import BRANDS, PRICE_RANGES, VARIANTS
from pumper.products import rank_at
from pumper.synthetic import hourly_shares, rows_at

STEPS = 65_536
"""In how many equal parts a distribution is looked up."""
PAGES = 2_000
PRODUCTS = shape.VIEWED + shape.UNCATALOGUED

_CHROME = "Mozilla/5.0 ({platform}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{recent}.0.{build}.0 {rest}"
_SAFARI = "Mozilla/5.0 ({platform}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{old}.{minor} {rest}"
_FIREFOX = "Mozilla/5.0 ({platform}; rv:{recent}.0) Gecko/20100101 Firefox/{recent}.0"
_BROWSERS = (
    (_CHROME, "Windows NT 10.0; Win64; x64", "Safari/537.36", "1920x1080"),
    (_CHROME, "Windows NT 10.0; Win64; x64", "Safari/537.36 Edg/{recent}.0.{build}.7", "1536x864"),
    (_CHROME, "Macintosh; Intel Mac OS X 10_15_7", "Safari/537.36", "1440x900"),
    (_CHROME, "X11; Linux x86_64", "Safari/537.36", "2560x1440"),
    (_CHROME, "Linux; Android 13; SM-G960F", "Mobile Safari/537.36", "360x740"),
    (_CHROME, "Linux; Android 12; Pixel 6", "Mobile Safari/537.36", "412x915"),
    (_SAFARI, "Macintosh; Intel Mac OS X 10_14_3", "Safari/605.1.15", "1680x1050"),
    (_SAFARI, "iPhone; CPU iPhone OS {old}_{minor} like Mac OS X", "Mobile/15E148 Safari/604.1", "375x812"),
    (_SAFARI, "iPad; CPU OS {old}_{minor} like Mac OS X", "Mobile/15E148 Safari/604.1", "768x1024"),
    (_FIREFOX, "Windows NT 10.0; Win64; x64", "", "1366x768"),
    (_FIREFOX, "X11; Ubuntu; Linux x86_64", "", "1920x1080"),
)
_VERSIONS = 32
"""Of each browser: some hundreds of user agents in all."""
BOTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "curl/8.5.0",
    "python-requests/2.31.0",
)


def browsers() -> list[tuple[str, str]]:
    """(user agent, screen), each combination of browser and version once."""
    found: list[tuple[str, str]] = []
    for text, platform, rest, screen in _BROWSERS:
        for version in range(_VERSIONS):
            numbers = {"recent": 90 + version, "old": 9 + version // 6, "minor": version % 6, "build": 4_400 + version}
            agent = text.format(platform=platform.format(**numbers), rest=rest.format(**numbers), **numbers)
            found.append((agent, screen))
    return found


def open_shop(database: duckdb.DuckDBPyConnection) -> None:
    """Makes the tables products, pages, browsers, bots, row_counts, ranks and hours."""
    hours = hourly_shares()
    steps = [(step + 0.5) / STEPS for step in range(STEPS)]
    tables = {
        "browsers": {"user_agent": [agent for agent, _ in browsers()], "screen": [screen for _, screen in browsers()]},
        "bots": {"user_agent": list(BOTS)},
        "row_counts": {"rows": [rows_at(share) for share in steps]},
        "ranks": {"product": [int(rank_at(share) * shape.VIEWED) for share in steps]},
        "hours": {"from_share": [0.0, *hours[:-1]], "to_share": hours},
        "brands": {"brand": list(BRANDS)},
        "variants": {"variant": list(VARIANTS)},
        "prices": {"low": [low for low, _ in PRICE_RANGES], "high": [high for _, high in PRICE_RANGES]},
    }
    for name, columns in tables.items():
        numbers = {"number": list(range(len(next(iter(columns.values())))))}
        database.register("arrived", pa.table(numbers | columns))
        database.execute(f"create table {name} as select * from arrived")
    database.execute(
        f"create table pages as select range as number, sha256('page ' || range) as url from range({PAGES})"
    )
    database.execute(_PRODUCTS)


# As the pumper writes a product; '#' stands for its number within the hit. Beyond VIEWED they have no category.
_PRODUCTS = f"""
    create table products as
    with named as (
        select range as number, sha256('product ' || range) as sku from range({PRODUCTS})
    )
    , priced as (
        select named.*, prices.low + hash(named.number) % (prices.high - prices.low) as cents
        from named inner join prices on prices.number = named.number % {len(PRICE_RANGES)}
    )
    select
        priced.number
        , sku
        , sha256('address ' || priced.number) as url
        , cents
        , '"pr#id":"' || sku || '","pr#nm":"Product ' || sku[:8] || '","pr#br":"' || brand
        || case when priced.number < {shape.VIEWED} then
            '","pr#ca":"' || sha256('root ' || priced.number % {shape.ROOT_CATEGORIES})
            || '/' || sha256('branch ' || priced.number % 40) || '/' || sha256('leaf ' || priced.number % 240)
        else '' end
        || '","pr#va":"' || variant || '","pr#pr":"' || printf('%d.%02d', cents // 100, cents % 100) || '"' as fields
    from priced
    inner join brands on brands.number = priced.number % {len(BRANDS)}
    inner join variants on variants.number = priced.number % {len(VARIANTS)}
"""
