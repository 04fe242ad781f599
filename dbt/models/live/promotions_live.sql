-- EVENTS.PROMOTIONS as the next run will leave it.
{{ config(alias='promotions') }}
with staged as (select * from {{ ref('logs_staged') }})

, staged_hits as (
    select *
    from staged
    where promotion_action is not null
)

select * from {{ ref('promotions') }} as promotions
where
    not exists (
        select 1
        from staged
        where staged.request_id = promotions.request_id
    )
union all
select * from ({{ promotions('staged_hits') }}) as staged_promotions
