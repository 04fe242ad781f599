{#
    The figures of each period of length `grain` ('hour', 'day'), by the events' own time (UTC), of the days that
    `stale_days` selects.
    "Active" counts whoever did something in the period; "new" counts it in the first period of the day only, so the
    new ones of a day's hours add up to the day's active ones.
    `sum_of_<action>` counts the products acted on; the bare name counts each product once a session.
#}
{% macro overview(grain, stale_days) %}
{% set counted = {'sessions': 'session_id', 'users': 'user_id', 'clients': 'client_id'} %}
{% set actions = {
    'product_clicks': 'click', 'product_details': 'detail', 'add_to_cart': 'add', 'remove_from_cart': 'remove',
} %}

with stale_days as ({{ stale_days }})

-- One pass a figure over the columns it needs: a common narrow table would have to be kept in memory.
, activity as (
    select
        date_trunc('{{ grain }}', happened.occurred_at) as period
        , count(*) as hits
        , count(case when happened.hit_type = 'pageview' then 1 end) as pageviews
    from {{ on_days(ref('logs')) }}
    group by date_trunc('{{ grain }}', happened.occurred_at)
)
{% for name, key in counted.items() %}
, {{ name }}_seen as (
    select
        stale_days.day
        , date_trunc('{{ grain }}', happened.occurred_at) as period
        , happened.{{ key }}
    from {{ on_days(ref('logs')) }}
    where happened.{{ key }} is not null
    group by stale_days.day, date_trunc('{{ grain }}', happened.occurred_at), happened.{{ key }}
)

, active_{{ name }} as (
    select
        period
        , count(*) as count_active_{{ name }}
    from {{ name }}_seen
    group by period
)

, first_{{ name }} as (
    select min(period) as period
    from {{ name }}_seen
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
        date_trunc('{{ grain }}', happened.occurred_at) as period
        , happened.product_action
        , happened.session_id
        , happened.product_id
        , count(*) as times
    from {{ on_days(ref('product_actions')) }}
    where happened.product_action in ({{ quoted(actions.values()) }})
    group by
        date_trunc('{{ grain }}', happened.occurred_at), happened.product_action, happened.session_id
        , happened.product_id
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
        date_trunc('{{ grain }}', happened.occurred_at) as period
        , count(*) as transactions
        , sum(happened.transaction_revenue) as transaction_revenue
        , sum(happened.transaction_tax) as transaction_tax
        , sum(happened.transaction_shipping) as transaction_shipping
    from {{ on_days(ref('purchases')) }}
    group by date_trunc('{{ grain }}', happened.occurred_at)
)

, purchased as (
    select
        date_trunc('{{ grain }}', happened.occurred_at) as period
        , sum({{ pieces('happened.product_quantity') }}) as purchased_items
        , count(distinct happened.product_id) as purchased_products
    from {{ on_days('(' ~ bought_products() ~ ') as bought_products') }}
    group by date_trunc('{{ grain }}', happened.occurred_at)
)

select
    cast(activity.period as {{ timestamp_type() }}) as timestamp
    , cast(activity.hits as bigint) as hits
    {%- for name in counted %}
    , cast(coalesce(active_{{ name }}.count_active_{{ name }}, 0) as bigint) as count_active_{{ name }}
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
    , {{ this_run() }} as created_at
from activity
{%- for name in counted %}
left join active_{{ name }} on activity.period = active_{{ name }}.period
left join new_{{ name }} on activity.period = new_{{ name }}.period
{%- endfor %}
left join product_figures on activity.period = product_figures.period
left join purchase_figures on activity.period = purchase_figures.period
left join purchased on activity.period = purchased.period
{% endmacro %}

{#
    How many pieces a product of a purchase stands for: one where it was not said, or where it can not be true. Anyone can
    send a hit, and a few absurd quantities would make a sum that fits no column.
#}
{% macro pieces(quantity) -%}
    {%- set most = var('max_product_quantity') -%}
    case when {{ quantity }} between -{{ most }} and {{ most }} then {{ quantity }} else 1 end
{%- endmacro %}
