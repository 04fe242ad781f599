{#
    One row a transaction, by the first hit received that told of it. A receipt page that was loaded again says the same
    thing twice; one that says something else is kept as the first said it, and flagged.
    `transactions`: a relation with the `transaction_id`s to look at; all by default.
#}
{% macro purchases(logs, transactions=none) %}
{% set content = [
    'transaction_revenue', 'transaction_tax', 'transaction_shipping', 'currency_code', 'transaction_affiliation',
    'transaction_coupon_code',
] %}
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
        product_action = 'purchase' and transaction_id is not null
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

select
    logs.log_id as id
    , told.hits
    , told.has_conflicts
    , logs.*
from {{ logs }} as logs
-- By time as well, so that only the parts of the table that hold them are read.
inner join transactions_told as told on logs.request_id = told.request_id and logs.occurred_at = told.occurred_at
where logs.product_action = 'purchase'
{% endmacro %}
