"""The rows of RAW.LOGS: the collector's envelope as compact JSON, and the pipe's columns, as Parquet files."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

from benchmarks.raw_rows.shop import BOTS, STEPS, browsers
from infrastructure.components.raw_logs import LOG_ID_NAMESPACE
from pumper.google_analytics import money
from pumper.orders import FREE_SHIPPING, SHIPPING, TAX_PERCENT
from pumper.visitors import LANGUAGES, REFERRERS, TENANTS

ROWS_A_FILE = 20_000


def write(
    database: duckdb.DuckDBPyConnection,
    folder: Path,
    first: int,
    last: int,
    written: Callable[[int], None] = lambda _rows: None,
) -> None:
    """Writes the hits at positions first to last into a folder, in files of ROWS_A_FILE rows in load order.

    written: is told after each file how many rows it holds.
    """
    folder.mkdir(parents=True, exist_ok=True)

    def write_file(start: int) -> int:
        end = min(start + ROWS_A_FILE - 1, last)
        place = str(folder / f"{start:013d}.parquet").replace("'", "''")
        rows = _ROWS.replace("{wanted}", f"position between {start} and {end}")
        with database.cursor() as cursor:
            cursor.execute(f"copy ({rows}) to '{place}' (format parquet, compression zstd)")
        return end - start + 1

    # A file is too small for DuckDB to share it among its threads.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for rows in pool.map(write_file, range(first, last + 1, ROWS_A_FILE)):
            written(rows)


def make_purchases(database: duckdb.DuckDBPyConnection) -> None:
    """Makes the table `purchased`: what each transaction is of. One product, and one more by a chance each time."""
    database.execute(_QUANTITY)
    database.execute(_PURCHASED)


def _text(name: str, value: str) -> str:
    """SQL for `"name":"value"`, of a value that needs no escape."""
    return f"""'"{name}":"' || {value} || '"'"""


def _optional(name: str, value: str) -> str:
    """The same with a comma before it, or nothing where the value is NULL."""
    return f"""coalesce(',"{name}":"' || {value} || '"', '')"""


def _or_null(name: str, value: str) -> str:
    return f"""'"{name}":' || coalesce('"' || {value} || '"', 'null')"""


def _uuid(text: str, version: int) -> str:
    """SQL for a UUID made of 32 hex digits or more."""
    variant = f"substr('89ab', 1 + (instr('0123456789abcdef', {text}[17:17]) - 1) % 4, 1)"
    return (
        f"{text}[1:8] || '-' || {text}[9:12] || '-{version}' || {text}[14:16] "
        f"|| '-' || {variant} || {text}[18:20] || '-' || {text}[21:32]"
    )


def _one_of(values: list[str], number: str) -> str:
    return f"{values}[1 + cast({number} % {len(values)} as integer)]"


def _money(cents: str) -> str:
    return f"printf('%d.%02d', cast({cents} as bigint) // 100, cast({cents} as bigint) % 100)"


_QUANTITY = """
    -- Mostly one, sometimes two or three, the same when added and when bought.
    create macro quantity_of(session, product) as case
        when share(session, product, 'quantity') < 0.85 then 1
        when share(session, product, 'quantity') < 0.97 then 2
        else 3
    end
"""

_PURCHASED = f"""
    create table purchased as
    with wanted as (
        select
            session, number, product
            , unnest(range(1, 2 + cast(
                floor(ln(greatest(share(session, number, 'products'), 1e-9)) / ln(0.33)) as integer))) as place
        from hits
        where kind = 'purchase' and copy = 'first'
    )
    , chosen as (
        select session, wanted.number, place, case when place = 1 then wanted.product else ranks.product end as product
        from wanted
        inner join ranks
            on ranks.number = cast(floor(share(session, wanted.number, 'product ' || place) * {STEPS}) as integer)
    )
    select
        session as buyer
        , sum(products.cents * quantity_of(session, chosen.product)) as cents
        , sum(quantity_of(session, chosen.product)) as items
        , string_agg(
            replace(fields, '#', cast(place as varchar))
            || printf(',"pr%d' || 'qt":"%d","pr%dps":"%d"', place, quantity_of(session, chosen.product), place, place)
            , ',' order by place
        ) as fields
    from chosen
    inner join products on products.number = chosen.product
    group by session
"""

# Looked up and digested: each of these is used several times below.
_KNOWN = f"""
    select
        hits.* exclude (product)
        , digest('client ' || client) as client_digest
        -- A hit that is sent again keeps its id.
        , digest('hit ' || session || ' ' || hits.number || if(copy = 'repeat', 'first', copy)) as event_digest
        , strftime(make_timestamp((received_ms - received_ms % 60000) * 1000), '%Y-%m-%d-%H-%M-00') as minute
        , case when by_bot then bots.user_agent else browsers.user_agent end as agent
        , browsers.screen
        , products.url as product_url
        , replace(products.fields, '#', '1') as product_fields
        , quantity_of(session, product) as quantity
        , pages.url as page_url
        , purchased.cents as cents
        , purchased.fields as bought
        , {_one_of([tenant.host for tenant in TENANTS], "client")} as host
        , {_one_of([tenant.tracking_id for tenant in TENANTS], "client")} as tenant
        , {_one_of([tenant.currency for tenant in TENANTS], "client")} as currency
        , {_one_of(list(LANGUAGES), "hash(client)")} as language
        , nullif({_one_of(list(REFERRERS), "hash(session)")}, '') as referrer
        , case when delayed_ms > 0 then delayed_ms end as queued
        , to_hex(hash(session, hits.number // 2)) as query
        , case when share(session, hits.number, 'found') < 0.26 then 0 else 1 + hash(session, hits.number) % 49 end
            as results
    from (select *, received_ms - occurred_ms as delayed_ms from hits where {{wanted}}) as hits
    inner join products on products.number = hits.product
    inner join pages on pages.number = hits.page
    inner join browsers on browsers.number = cast(hash(client, 'browser') % {len(browsers())} as bigint)
    inner join bots on bots.number = client % {len(BOTS)}
    left join purchased on hits.kind = 'purchase' and hits.session = purchased.buyer
"""

_NAMED = f"""
    select
        *
        , {_uuid("client_digest", 4)} as client_id
        , {_uuid("event_digest", 5)} as request_id
        , 'https://' || host || '/'
        || case when kind = 'search' then 'search?q=' || query when of_product then product_url else page_url end
            as location
        , 'T' || digest('transaction ' || session)[:16] as transaction_id
        , '203.0.' || hash(client) % 256 || '.0' as address
        , 'raw/' || minute[1:4] || '/' || minute[6:7] || '/' || minute[9:10] || '/' || minute[12:13]
        || '/headrace-raw-1-' || minute || '-' || cast(cast(md5(minute) as uuid) as varchar) || '.gz' as object
    from known
"""

_TOLD = f"""
    select
        *
        , case kind
            when 'pageview' then {_text("dl", "location")} || ',' || {_text("dt", "'Page ' || page_url[:8]")}
            when 'search' then
                {_text("ec", "'search'")} || ',' || {_text("ea", "if(results > 0, 'search', 'zero results')")}
                || ',' || {_text("el", "query")} || ',' || {_text("ev", "results")} || ',' || {_text("cm1", "0")}
                || ',' || {_text("dl", "location")} || ',' || {_text("dt", "'Search'")}
            when 'purchase' then
                {_text("ec", "'ecommerce'")} || ',' || {_text("ea", "kind")} || ',' || {_text("pa", "kind")}
                || ',' || {_text("dl", "location")} || ',' || {_text("ti", "transaction_id")}
                || ',' || {_text("ta", "host")} || ',' || {_text("tr", _money("cents + if(conflicts, 100, 0)"))}
                || ',' || {_text("tt", _money(f"cents * {TAX_PERCENT} // {100 + TAX_PERCENT}"))}
                || ',' || {_text("ts", f"if(cents >= {FREE_SHIPPING}, '{money(0)}', '{money(SHIPPING)}')")}
                || {_optional("tcc", "if(hash(session) % 8 = 0, 'WELCOME10', null)")} || ',' || bought
            else
                {_text("ec", "'ecommerce'")} || ',' || {_text("ea", "kind")} || ',' || {_text("pa", "kind")}
                || ',' || {_text("dl", "location")} || ',' || product_fields
                || {_optional("pr1qt", "if(kind = 'detail', null, quantity)")} || ',' || {_text("pr1ps", "1")}
        end as told
    from named
"""

_ENVELOPE = " || ".join(
    [
        """'{"context":{"protocol":"google-analytics-v1",'""",
        _text("client_id", "client_id"),
        "','",
        _or_null("user_id", '"user"'),
        "','",
        _text("user_ip", "address"),
        "','",
        _text("user_agent", "agent"),
        "','",
        _text("document_location", "location"),
        "','",
        _or_null("document_referrer", "referrer"),
        """'},"request":{'""",
        _text("id", "request_id"),
        """',"body":{"v":"1",'""",
        _text("tid", "tenant"),
        "','",
        _text("cid", "client_id"),
        _optional("uid", '"user"'),
        "','",
        _text("ul", "language"),
        "','",
        _text("sr", "screen"),
        """',"sd":"24-bit","de":"UTF-8",'""",
        _text("cu", "currency"),
        "','",
        _text("ua", "agent"),
        _optional("dr", "referrer"),
        "','",
        _text("cd1", "to_hex(hash(session, 'visit'))"),
        "','",
        _text("z", "hash(event_digest)"),
        _optional("qt", "queued"),
        "','",
        _text("t", "if(kind = 'pageview', kind, 'event')"),
        "','",
        "told",
        """'},"timestamp":' || received_ms || ',"hostname":"collect.example.com","path":"/batch","method":"POST",'""",
        """'"headers":{"user-agent":"headrace-pumper","content-type":"application/x-www-form-urlencoded"}},'""",
        """'"service":{"id":"api.collect"},"response":{'""",
        _text("id", "answer"),
        """',"timestamp":' || received_ms + 9 || ',"statusCode":200,"headers":{"content-type":"image/gif"}}}'""",
    ]
)

_ROWS = f"""
    with known as ({_KNOWN})
    , named as ({_NAMED})
    , told as ({_TOLD})
    , answered as (
        select
            *
            , md5('answer ' || received_ms)[:15] || '=' as answer
            , sha1(unhex('{LOG_ID_NAMESPACE.replace("-", "")}') || encode(object || ':' || line)) as log_digest
        from told
    )
    select
        'api.collect' as SERVICE_ID
        , request_id as REQUEST_ID
        , make_timestamp(received_ms * 1000) as REQUEST_TIMESTAMP
        , answer as RESPONSE_ID
        , make_timestamp((received_ms + 9) * 1000) as RESPONSE_TIMESTAMP
        , client_id as CLIENT_ID
        , cast({_ENVELOPE} as json) as DATA
        , {_uuid("log_digest", 5)} as LOG_ID
        , object as LOG_FILENAME
        , cast(line as decimal(20, 0)) as LOG_FILE_ROW_NUMBER
        -- An object holds a minute's hits, and is loaded a minute after the last of them.
        , make_timestamp((received_ms - received_ms % 60000 + 120000) * 1000) as LOG_TIMESTAMP
    from answered
    order by position
"""
