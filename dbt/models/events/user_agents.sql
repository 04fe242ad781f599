-- One row a user agent, parsed once. An increment holds those of changed hits.
{{ config(materialized='incremental', unique_key='id', pre_hook='{{ user_agents_without_hits_go() }}') }}

with unseen as (
    {{ unseen_runs(ref('logs'), this if is_incremental() else none) }}
)

, hits as (
    select
        logs.user_agent_id
        , logs.user_agent
    from {{ ref('logs') }} as logs
    inner join unseen on logs.created_at = unseen.created_at
)

select * from ({{ user_agents('hits', this_run(), known=this if is_incremental() else none) }}) as user_agents
