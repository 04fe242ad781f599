-- One row a session. An increment holds the sessions with changed hits, whole; a session that was joined to an earlier
-- one has lost its first hit to it, and goes.
{{ config(materialized='incremental', unique_key='session_id', pre_hook='{{ joined_sessions_go() }}') }}

with unseen as (
    {{ unseen_runs(ref('logs'), this if is_incremental() else none) }}
)

, hits as (
    select logs.*
    from {{ ref('logs') }} as logs
    inner join unseen on logs.created_at = unseen.created_at
)

select * from ({{ sessions('hits', ref('user_agents'), this_run()) }}) as sessions
