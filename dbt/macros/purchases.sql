{#
    One row a transaction, by the first hit received that told of it (those of its items alone do not). A receipt page
    that was loaded again says the same thing twice; one that says something else is kept as the first said it, and
    flagged. A hit of Google Analytics' that does not say its revenue is worth its products, as the protocol has it.
    `transactions`: a relation with the `transaction_id`s to look at; all by default.
#}
{% macro purchases(logs, transactions=none) %}
{% set content = [
    'transaction_revenue', 'transaction_tax', 'transaction_shipping', 'currency_code', 'transaction_affiliation',
    'transaction_coupon_code',
] %}
{% set unpriced = hits_where(
    logs, "protocol = 'google-analytics-v1' and product_action = 'purchase' and coalesce(hit_type, '') not in "
    ~ "('transaction', 'item') and " ~ clean(json_text('req_body', 'tr')) ~ ' is null' ~ (
        ' and transaction_id in (select transaction_id from ' ~ transactions ~ ')' if transactions else ''
    )
) %}
with told as (
    select
        request_id
        , occurred_at
        , transaction_id
        , row_number() over (partition by transaction_id order by request_timestamp, request_id) as occurrence
        , {% for name in content %}coalesce(cast({{ name }} as varchar), ''){{ " || '|' || " if not loop.last }}{% endfor %}
            as content
    from {{ logs }}
    where
        product_action = 'purchase' and coalesce(hit_type, '') <> 'item' and transaction_id is not null
        {%- if transactions %}
        and transaction_id in (select transaction_id from {{ transactions }})
        {%- endif %}
)

, transactions_told as (
    select
        transaction_id
        , max(case when occurrence = 1 then request_id end) as request_id
        , max(case when occurrence = 1 then occurred_at end) as occurred_at
        , count(*) as hits
        , count(distinct content) > 1 as has_conflicts
    from told
    group by transaction_id
)

, costs as (
    select
        log_id
        , sum(product_price * coalesce(product_quantity, 1)) as cost
    from ({{ products([google_analytics_products(unpriced)]) }}) as products
    where coalesce(product_id, product_name) is not null
    group by log_id
)

select
    logs.log_id as id
    , told.hits
    , told.has_conflicts
    , logs.* replace (
        case
            when logs.transaction_revenue is not null then logs.transaction_revenue
            when abs(costs.cost) < 100000000000000 then cast(costs.cost as decimal(18, 4))
        end as transaction_revenue
    )
from {{ logs }} as logs
-- By time as well, so that only the parts of the table that hold them are read.
inner join transactions_told as told on logs.request_id = told.request_id and logs.occurred_at = told.occurred_at
left join costs on logs.log_id = costs.log_id
where logs.product_action = 'purchase' and coalesce(logs.hit_type, '') <> 'item'
{% endmacro %}

{#
    The rows of `product_actions` that purchases consist of: the products of the hit that counts as the transaction. The
    older e-commerce tells of each product in a hit of its own (`item`), which belongs to the transaction of its id; of
    one that was told of again, the first received counts.
#}
{% macro bought_products() %}
select products.*
from {{ ref('product_actions') }} as products
inner join {{ ref('purchases') }} as purchases on products.log_id = purchases.log_id
where products.product_action = 'purchase'
union all
select items.*
from (
    select *
    from {{ ref('product_actions') }}
    where hit_type = 'item' and transaction_id is not null
    qualify row_number() over (
        partition by transaction_id, coalesce(product_id, product_name) order by request_timestamp, id
    ) = 1
) as items
inner join {{ ref('purchases') }} as purchases on items.transaction_id = purchases.transaction_id
where purchases.hit_type = 'transaction'
{% endmacro %}
