-- One row a product that was shown in a list. An increment holds the hits that changed.
{{ config(materialized='incremental', unique_key='request_id') }}

with unseen as (
    {{ unseen_runs(ref('logs'), this if is_incremental() else none) }}
)

, hits as (
    select logs.*
    from {{ ref('logs') }} as logs
    inner join unseen on logs.created_at = unseen.created_at
    where logs.has_impressions
)

select * from ({{ product_impressions('hits') }}) as products
