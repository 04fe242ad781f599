-- What can be added up says the same by the hour as by the day. Of sessions, users and clients those new in an hour add
-- up: to the day's new ones and, as all are new once a day, to its active ones.

-- The day's figure, and the hours' figure that adds up to it.
{% set figures = {
    'hits': 'hits',
    'pageviews': 'pageviews',
    'count_new_sessions': 'count_new_sessions',
    'count_active_sessions': 'count_new_sessions',
    'count_new_users': 'count_new_users',
    'count_active_users': 'count_new_users',
    'count_new_clients': 'count_new_clients',
    'count_active_clients': 'count_new_clients',
    'sum_of_product_clicks': 'sum_of_product_clicks',
    'sum_of_product_details': 'sum_of_product_details',
    'sum_of_add_to_cart': 'sum_of_add_to_cart',
    'sum_of_remove_from_cart': 'sum_of_remove_from_cart',
    'transactions': 'transactions',
    'transaction_revenue': 'transaction_revenue',
    'transaction_tax': 'transaction_tax',
    'transaction_shipping': 'transaction_shipping',
    'purchased_items': 'purchased_items',
} %}

with last_days as ({{ days_of_last_run() }})

, hours as (
    select
        last_days.day
        {%- for daily, hourly in figures.items() %}
        , sum(happened.{{ hourly }}) as {{ daily }}
        {%- endfor %}
    from {{ on_days(ref('overview_1h'), 'last_days', time='timestamp') }}
    group by last_days.day
)

, days as (
    select
        last_days.day
        {%- for daily in figures %}
        , happened.{{ daily }}
        {%- endfor %}
    from {{ on_days(ref('overview_1d'), 'last_days', time='timestamp') }}
)

{{ differences('hours', 'days') }}
