-- EVENTS.SESSIONS as the next run will leave it.
{{ config(alias='sessions') }}
with staged as (select * from {{ ref('logs_staged') }})

-- A session that changes has all of its hits among the staged ones, its first one too.
select * from {{ ref('sessions') }} as sessions
where
    not exists (
        select 1
        from staged
        where staged.request_id = sessions.first_request_id
    )
union all
select * from ({{ sessions('staged', ref('user_agents_live'), utc_now()) }}) as staged_sessions
