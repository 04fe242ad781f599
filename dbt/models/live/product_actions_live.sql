-- EVENTS.PRODUCT_ACTIONS as the next run will leave it.
{{ config(alias='product_actions') }}
with staged as (select * from {{ ref('logs_staged') }})

, staged_hits as (
    select *
    from staged
    where product_action is not null
)

select * from {{ ref('product_actions') }} as products
where
    not exists (
        select 1
        from staged
        where staged.request_id = products.request_id
    )
union all
select * from ({{ product_actions('staged_hits') }}) as staged_products
