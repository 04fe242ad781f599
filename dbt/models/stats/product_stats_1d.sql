-- What happened to each product a day (UTC).

{{ config(
    materialized='incremental', unique_key='timestamp',
    post_hook=['{{ outdated_rows_go() }}', '{{ days_without_hits_go() }}']
) }}

-- Ids are upper case, so none is taken for this one.
{% set product_id = "coalesce(happened.product_id, '(not set)')" %}
{% set actions = {'clicks': 'click', 'details': 'detail', 'adds': 'add', 'removes': 'remove'} %}

with stale_days as ({{ renewed_days(this if is_incremental() else none) }})

, actions_by_session as (
    select
        stale_days.day
        , {{ product_id }} as product_id
        , happened.session_id
        {%- for name, action in actions.items() %}
        , count(case when happened.product_action = '{{ action }}' then 1 end) as {{ name }}
        {%- endfor %}
    from {{ on_days(ref('product_actions')) }}
    group by stale_days.day, {{ product_id }}, happened.session_id
)

, looked_at as (
    select
        day
        , product_id
        {%- for name in actions %}
        , sum({{ name }}) as {{ name }}
        {%- endfor %}
        , count(case when details > 0 then 1 end) as sessions
    from actions_by_session
    group by day, product_id
)

, bought as (
    select
        stale_days.day
        , {{ product_id }} as product_id
        , count(distinct happened.log_id) as transactions
        , sum({{ pieces('happened.product_quantity') }}) as purchased_items
        , sum(coalesce(happened.product_price, 0) * {{ pieces('happened.product_quantity') }}) as revenue
    from {{ on_days('(' ~ bought_products() ~ ') as bought_products') }}
    group by stale_days.day, {{ product_id }}
)

, names as (
    select
        stale_days.day
        , {{ product_id }} as product_id
        , happened.product_name
        , max(happened.occurred_at) as last_seen_at
    from {{ on_days(ref('product_actions')) }}
    where happened.product_name is not null
    group by stale_days.day, {{ product_id }}, happened.product_name
)

-- Of two names seen at the same time the later in the alphabet, so that each run names the product alike.
, last_names as (
    select
        day
        , product_id
        , product_name
    from names
    qualify row_number() over (partition by day, product_id order by last_seen_at desc, product_name desc) = 1
)

select
    cast(looked_at.day as {{ timestamp_type() }}) as timestamp
    , looked_at.product_id
    , last_names.product_name
    {%- for name in actions %}
    , cast(looked_at.{{ name }} as bigint) as {{ name }}
    {%- endfor %}
    , cast(coalesce(bought.transactions, 0) as bigint) as transactions
    , cast(coalesce(bought.purchased_items, 0) as bigint) as purchased_items
    , cast(coalesce(bought.revenue, 0) as decimal(38, 4)) as revenue
    , cast(looked_at.sessions as bigint) as sessions
    , {{ this_run() }} as created_at
from looked_at
left join bought on looked_at.day = bought.day and looked_at.product_id = bought.product_id
left join last_names on looked_at.day = last_names.day and looked_at.product_id = last_names.product_id
