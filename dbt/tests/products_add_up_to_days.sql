-- What the products of a day add up to is what the day's overview says. `details` and `sessions` are the overview's two
-- counts of products looked at: each time, and once a session.
with last_days as ({{ days_of_last_run() }})

, products as (
    select
        last_days.day
        , sum(happened.clicks) as clicks
        , sum(happened.details) as details
        , sum(happened.adds) as adds
        , sum(happened.removes) as removes
        , sum(happened.purchased_items) as purchased_items
        , sum(case when happened.product_id <> '(not set)' then happened.sessions else 0 end) as sessions
        , count(case when happened.product_id <> '(not set)' and happened.transactions > 0 then 1 end)
            as products_bought
    from {{ on_days(ref('product_stats_1d'), 'last_days', time='timestamp') }}
    group by last_days.day
)

, overview as (
    select
        last_days.day
        , happened.sum_of_product_clicks as clicks
        , happened.sum_of_product_details as details
        , happened.sum_of_add_to_cart as adds
        , happened.sum_of_remove_from_cart as removes
        , happened.purchased_items
        , happened.product_details as sessions
        , happened.purchased_products as products_bought
    from {{ on_days(ref('overview_1d'), 'last_days', time='timestamp') }}
    -- A day without products has no row a product.
    where last_days.day in (select date_trunc('day', acted.occurred_at) from {{ ref('product_actions') }} as acted)
)

{{ differences('products', 'overview') }}
