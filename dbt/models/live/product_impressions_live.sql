-- EVENTS.PRODUCT_IMPRESSIONS as the next run will leave it.
{{ config(alias='product_impressions') }}
with staged as (select * from {{ ref('logs_staged') }})

, staged_hits as (
    select *
    from staged
    where has_impressions
)

select * from {{ ref('product_impressions') }} as products
where
    not exists (
        select 1
        from staged
        where staged.request_id = products.request_id
    )
union all
select * from ({{ product_impressions('staged_hits') }}) as staged_products
