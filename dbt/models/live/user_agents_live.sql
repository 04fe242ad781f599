{{ config(alias="user_agents") }}
select distinct user_agent_id as id, false as is_bot from {{ ref('logs_live') }}
