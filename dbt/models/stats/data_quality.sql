-- Fields whose value had the wrong type, which made it NULL, by the day (UTC) and the protocol of the hits.
{{ config(
    materialized='incremental', unique_key='timestamp',
    post_hook=['{{ outdated_rows_go() }}', '{{ days_without_hits_go() }}']
) }}

with stale_days as ({{ renewed_days(this if is_incremental() else none) }})

, concerned as (
    select
        stale_days.day
        , happened.protocol
        , happened.log_id
        , happened.not_understood
    from {{ on_days(ref('logs')) }}
    where {{ array_length('happened.not_understood') }} > 0
    union all
    select
        stale_days.day
        , happened.protocol
        , happened.log_id
        , happened.product_not_understood
    from {{ on_days(ref('product_actions')) }}
    where {{ array_length('happened.product_not_understood') }} > 0
)

-- A field that several products of a hit got wrong is one for the hit.
, fields as (
    select distinct
        concerned.day
        , concerned.protocol
        , concerned.log_id
        , cast(field.value as varchar) as field
    from concerned
    , {{ array_entries('concerned.not_understood', 'field') }}
)

select
    cast(day as {{ timestamp_type() }}) as timestamp
    , protocol
    , field
    , cast(count(*) as bigint) as hits
    , {{ this_run() }} as created_at
from fields
group by day, protocol, field
