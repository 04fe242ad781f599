{#
    The figures of each period of length `grain` ('hour', 'day'), by the events' own time (UTC).
    "Active" counts whoever did something in the period; "new" counts it in the first period of the day only, so the
    new ones of a day's hours add up to the day's active ones.
    `sum_of_<action>` counts the products acted on; the bare name counts each product once a session.
#}
{% macro overview(grain) %}
{% set counted = {'sessions': 'session_id', 'users': 'user_id', 'clients': 'client_id'} %}
{% set actions = {
    'product_clicks': 'click', 'product_details': 'detail', 'add_to_cart': 'add', 'remove_from_cart': 'remove',
} %}

with hits as (
    select
        date_trunc('{{ grain }}', occurred_at) as period
        , date_trunc('day', occurred_at) as day
        , session_id
        , user_id
        , client_id
        , hit_type
    from {{ ref('logs') }}
)

, activity as (
    select
        period
        {%- for name, key in counted.items() %}
        , count(distinct {{ key }}) as count_active_{{ name }}
        {%- endfor %}
        , count(case when hit_type = 'pageview' then 1 end) as pageviews
    from hits
    group by period
)
{% for name, key in counted.items() %}
, first_{{ name }} as (
    select
        min(period) as period
        , {{ key }}
    from hits
    where {{ key }} is not null
    group by day, {{ key }}
)

, new_{{ name }} as (
    select
        period
        , count(*) as count_new_{{ name }}
    from first_{{ name }}
    group by period
)
{% endfor %}
, session_products as (
    select
        date_trunc('{{ grain }}', occurred_at) as period
        , product_action
        , session_id
        , product_id
        , count(*) as times
    from {{ ref('product_actions') }}
    group by date_trunc('{{ grain }}', occurred_at), product_action, session_id, product_id
)

, product_figures as (
    select
        period
        {%- for name, action in actions.items() %}
        , sum(case when product_action = '{{ action }}' then times else 0 end) as sum_of_{{ name }}
        , count(case when product_action = '{{ action }}' then product_id end) as {{ name }}
        {%- endfor %}
    from session_products
    group by period
)

, purchase_figures as (
    select
        date_trunc('{{ grain }}', occurred_at) as period
        , count(*) as transactions
        , sum(transaction_revenue) as transaction_revenue
        , sum(transaction_tax) as transaction_tax
        , sum(transaction_shipping) as transaction_shipping
    from {{ ref('purchases') }}
    group by date_trunc('{{ grain }}', occurred_at)
)

-- Only products of the hits that count as transactions; a product with no quantity was bought once.
, purchased as (
    select
        date_trunc('{{ grain }}', products.occurred_at) as period
        , sum(coalesce(products.product_quantity, 1)) as purchased_items
        , count(distinct products.product_id) as purchased_products
    from {{ ref('product_actions') }} as products
    inner join {{ ref('purchases') }} as purchases on products.log_id = purchases.log_id
    group by date_trunc('{{ grain }}', products.occurred_at)
)

select
    cast(activity.period as {{ timestamp_type() }}) as timestamp
    {%- for name in counted %}
    , cast(activity.count_active_{{ name }} as bigint) as count_active_{{ name }}
    , cast(coalesce(new_{{ name }}.count_new_{{ name }}, 0) as bigint) as count_new_{{ name }}
    {%- endfor %}
    , cast(activity.pageviews as bigint) as pageviews
    {%- for name in actions %}
    , cast(coalesce(product_figures.sum_of_{{ name }}, 0) as bigint) as sum_of_{{ name }}
    , cast(coalesce(product_figures.{{ name }}, 0) as bigint) as {{ name }}
    {%- endfor %}
    , cast(coalesce(purchase_figures.transactions, 0) as bigint) as transactions
    {%- for name in ['transaction_revenue', 'transaction_tax', 'transaction_shipping'] %}
    , cast(coalesce(purchase_figures.{{ name }}, 0) as decimal(38, 4)) as {{ name }}
    {%- endfor %}
    , cast(coalesce(purchased.purchased_items, 0) as bigint) as purchased_items
    , cast(coalesce(purchased.purchased_products, 0) as bigint) as purchased_products
    , {{ utc_now() }} as created_at
from activity
{%- for name in counted %}
left join new_{{ name }} on activity.period = new_{{ name }}.period
{%- endfor %}
left join product_figures on activity.period = product_figures.period
left join purchase_figures on activity.period = purchase_figures.period
left join purchased on activity.period = purchased.period
{% endmacro %}
