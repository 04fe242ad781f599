-- One row a promotion that was shown or clicked. An increment holds the hits that changed.
{{ config(materialized='incremental', unique_key='request_id') }}

with unseen as (
    {{ unseen_runs(ref('logs'), this if is_incremental() else none) }}
)

, hits as (
    select logs.*
    from {{ ref('logs') }} as logs
    inner join unseen on logs.created_at = unseen.created_at
    where logs.promotion_action is not null
)

select * from ({{ promotions('hits') }}) as promotions
