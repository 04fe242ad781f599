-- One row a transaction: the first hit that told of it. An increment holds the transactions that changed hits tell of.
{{ config(materialized='incremental', unique_key='transaction_id') }}

with unseen as (
    {{ unseen_runs(ref('logs'), this if is_incremental() else none) }}
)

, transactions as (
    select distinct logs.transaction_id
    from {{ ref('logs') }} as logs
    inner join unseen on logs.created_at = unseen.created_at
    where logs.product_action = 'purchase' and logs.transaction_id is not null
)

select * from ({{ purchases(ref('logs'), 'transactions') }}) as purchases
