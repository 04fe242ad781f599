select distinct user_agent_id as id, false as is_bot from {{ ref('logs') }}
