-- EVENTS.PURCHASES as the next run will leave it.
{{ config(alias='purchases') }}
with transactions as (
    select distinct transaction_id
    from {{ ref('logs_staged') }}
    where product_action = 'purchase' and transaction_id is not null
)

select * from {{ ref('purchases') }} as purchases
where
    not exists (
        select 1
        from transactions
        where transactions.transaction_id = purchases.transaction_id
    )
union all
select * from ({{ purchases(ref('logs_live'), 'transactions') }}) as staged_purchases
