-- How far the sessions that started on a day (UTC) came, wherever the session ended.

{{ config(
    materialized='incremental', unique_key='timestamp',
    post_hook=['{{ outdated_rows_go() }}', '{{ days_without_hits_go() }}']
) }}

-- Who purchases has checked out: many shops do not tell of the checkout, and would have no sessions left there.
{% set steps = {
    'product_detail': ['detail'],
    'add_to_cart': ['add'],
    'checkout': ['checkout', 'checkout_option', 'purchase'],
    'purchase': ['purchase'],
} %}

with stale_days as (
    {{ renewed_days(this if is_incremental() else none) }}
    {%- if is_incremental() %}
    -- A hit changes its own day, and the session's day as well.
    union
    select date_trunc('day', started_at) from {{ ref('sessions') }} where created_at > {{ last_made(this) }}
    {%- endif %}
)

, session_in_order as (
    select
        stale_days.day
        , happened.session_id
        , happened.started_at as reached_at
    from {{ on_days(ref('sessions'), time='started_at') }}
)

, did as (
    select
        session_in_order.day
        , logs.session_id
        , logs.product_action
        , logs.occurred_at
    from {{ ref('logs') }} as logs
    inner join session_in_order on logs.session_id = session_in_order.session_id
    where
        logs.product_action in ({{ quoted(steps.values() | sum(start=[]) | unique) }})
        and logs.occurred_at >= (select min(stale_days.day) from stale_days)
)

-- When each session first did something at all,
, first_times as (
    select
        day
        , session_id
        {%- for step, actions in steps.items() %}
        , min(case when product_action in ({{ quoted(actions) }}) then occurred_at end) as {{ step }}_at
        {%- endfor %}
    from did
    group by day, session_id
)

-- and when it did it after all steps before it.
{% for step, actions in steps.items() %}
, {{ step }}_in_order as (
    select
        did.day
        , did.session_id
        , min(did.occurred_at) as reached_at
    from did
    inner join {{ 'session' if loop.first else loop.previtem[0] }}_in_order as earlier
        on did.session_id = earlier.session_id
    where did.product_action in ({{ quoted(actions) }}) and did.occurred_at >= earlier.reached_at
    group by did.day, did.session_id
)
{% endfor %}
, counts as (
    select
        day
        , 1 as step_number
        , 'session' as step
        , count(*) as sessions
        , count(*) as sessions_in_order
    from session_in_order
    group by day
    {%- for step in steps %}
    union all
    select
        day
        , {{ loop.index + 1 }} as step_number
        , '{{ step }}' as step
        , count({{ step }}_at) as sessions
        , 0 as sessions_in_order
    from first_times
    group by day
    union all
    select
        day
        , {{ loop.index + 1 }} as step_number
        , '{{ step }}' as step
        , 0 as sessions
        , count(*) as sessions_in_order
    from {{ step }}_in_order
    group by day
    {%- endfor %}
    -- A step that nobody took is a row too.
    {%- for step in ['session'] + steps.keys() | list %}
    union all
    select
        day
        , {{ loop.index }} as step_number
        , '{{ step }}' as step
        , 0 as sessions
        , 0 as sessions_in_order
    from stale_days
    {%- endfor %}
)

select
    cast(day as {{ timestamp_type() }}) as timestamp
    , cast(step_number as bigint) as step_number
    , step
    , cast(sum(sessions) as bigint) as sessions
    , cast(sum(sessions_in_order) as bigint) as sessions_in_order
    , {{ this_run() }} as created_at
from counts
group by day, step_number, step
