-- Where every event is, by hop and by the hour in which the collector received it. Warehouse hops are counted here, so
-- that they are those of this run; what only the functions, the stream and the bucket know comes from `make ledger`.
with counted as (
    select
        date_trunc('hour', request_timestamp) as timestamp
        , 'loaded' as hop
        , count(*) as events
    from {{ ref('stg_logs') }}
    group by date_trunc('hour', request_timestamp)
    union all
    select
        date_trunc('hour', request_timestamp) as timestamp
        , 'modelled' as hop
        , count(*) as events
    from {{ ref('logs') }}
    group by date_trunc('hour', request_timestamp)
)

select
    cast(coalesce(counted.timestamp, accounts.timestamp) as {{ timestamp_type() }}) as timestamp
    , coalesce(counted.hop, accounts.hop) as hop
    , coalesce(accounts.item, '') as item
    , cast(coalesce(counted.events, accounts.events) as bigint) as events
    , cast(coalesce(accounts.missing, 0) as bigint) as missing
    , cast(accounts.counted_at as {{ timestamp_type() }}) as counted_at
    , {{ this_run() }} as created_at
from counted
full outer join {{ source('raw', 'accounts') }} as accounts
    on counted.timestamp = accounts.timestamp and counted.hop = accounts.hop
