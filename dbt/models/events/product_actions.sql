-- One row a product of a hit that says what was done with its products. An increment holds the hits that changed.
{{ config(materialized='incremental', unique_key='request_id') }}

with unseen as (
    {{ unseen_runs(ref('logs'), this if is_incremental() else none) }}
)

, hits as (
    select logs.*
    from {{ ref('logs') }} as logs
    inner join unseen on logs.created_at = unseen.created_at
    where logs.product_action is not null
)

select * from ({{ product_actions('hits') }}) as products
