-- EVENTS.LOGS as the next run will leave it.
{{ config(alias='logs') }}
with staged as (select * from {{ ref('logs_staged') }})

select * from {{ ref('logs') }} as logs
where
    not exists (
        select 1
        from staged
        where staged.request_id = logs.request_id
    )
union all
select * from staged
