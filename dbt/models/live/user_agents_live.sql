-- EVENTS.USER_AGENTS as the next run will leave it. On DuckDB, a connection needs the function parse_user_agent for it.
{{ config(alias='user_agents') }}
with staged as (select * from {{ ref('logs_staged') }})

select *
from {{ ref('user_agents') }} as user_agents
where
    not exists (
        select 1
        from staged
        where staged.user_agent_id = user_agents.id
    )
union all
select * from ({{ user_agents('staged', utc_now(), known=ref('user_agents')) }}) as staged_user_agents
