-- What the days say is what the tables below hold: nothing is counted twice or left out.
{% set actions = {
    'sum_of_product_clicks': 'click', 'sum_of_product_details': 'detail', 'sum_of_add_to_cart': 'add',
    'sum_of_remove_from_cart': 'remove',
} %}
{% set figures = [
    'hits', 'pageviews', 'count_active_sessions', 'transactions', 'transaction_revenue', 'transaction_tax',
    'transaction_shipping', 'purchased_items',
] + actions.keys() | list %}

with last_days as ({{ days_of_last_run() }})

, days as (
    select
        last_days.day
        {%- for name in figures %}
        , happened.{{ name }}
        {%- endfor %}
    from {{ on_days(ref('overview_1d'), 'last_days', time='timestamp') }}
)

, logs_by_day as (
    select
        last_days.day
        , count(*) as hits
        , count(case when happened.hit_type = 'pageview' then 1 end) as pageviews
        , count(distinct happened.session_id) as count_active_sessions
    from {{ on_days(ref('logs'), 'last_days') }}
    group by last_days.day
)

, purchases_by_day as (
    select
        last_days.day
        , count(*) as transactions
        , sum(happened.transaction_revenue) as transaction_revenue
        , sum(happened.transaction_tax) as transaction_tax
        , sum(happened.transaction_shipping) as transaction_shipping
    from {{ on_days(ref('purchases'), 'last_days') }}
    group by last_days.day
)

, products_by_day as (
    select
        last_days.day
        {%- for name, action in actions.items() %}
        , count(case when happened.product_action = '{{ action }}' then 1 end) as {{ name }}
        {%- endfor %}
    from {{ on_days(ref('product_actions'), 'last_days') }}
    group by last_days.day
)

, bought_by_day as (
    select
        last_days.day
        , sum({{ pieces('happened.product_quantity') }}) as purchased_items
    from {{ on_days('(' ~ bought_products() ~ ') as bought_products', 'last_days') }}
    group by last_days.day
)

, tables_below as (
    select
        logs_by_day.day
        {%- for name in figures %}
        , coalesce({{ name }}, 0) as {{ name }}
        {%- endfor %}
    from logs_by_day
    left join purchases_by_day on logs_by_day.day = purchases_by_day.day
    left join products_by_day on logs_by_day.day = products_by_day.day
    left join bought_by_day on logs_by_day.day = bought_by_day.day
)

{{ differences('days', 'tables_below') }}
