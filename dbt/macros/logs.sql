{#
    The rows of `logs` that are new or differ from those in `existing`: events that arrived since, and the events of
    sessions that they change. Without `existing`, all rows.

    `EVENTS.LOGS` puts them in their places; `EVENTS_LIVE.LOGS` shows them beside the others.

    A visitor's uninterrupted activity (no gap of `session_gap_minutes` or more) is one session, unless it goes on for
    longer than `max_session_days`: then each such stretch of time, counted from its beginning, is a session. So a robot
    that never rests has sessions of a bounded length, and a new hit only changes the sessions next to it.
#}
{% macro changed_logs(existing=none, created_at=none) %}
{% set session_namespace = "'1ff91478-1da1-431f-b1fd-3ec39fff283c'" %}
{% set user_agent_namespace = "'2ee51068-335c-4fcf-b58b-313c0d715c07'" %}
{% set gap_ms = var('session_gap_minutes') * 60 * 1000 %}
{% set longest_ms = var('max_session_days') * 24 * 60 * 60 * 1000 %}

with loads as ({{ unseen_loads(existing) }})

-- The choice between copies of an event runs over narrow columns.
, arrived as (
    select
        logs.log_id
        , logs.request_id
        , logs.request_timestamp
        , logs.loaded_at
    from {{ ref('stg_logs') }} as logs
    inner join loads on logs.loaded_at = loads.loaded_at
)

-- Of an event that was sent twice, the copy that was received first; of an object that was loaded twice, the last load.
, firsts as (
    select *
    from arrived
    qualify row_number() over (partition by request_id order by request_timestamp, log_id, loaded_at desc) = 1
)

, fresh as (
    select firsts.*
    from firsts
    {%- if existing %}
    left join {{ existing }} as known on firsts.request_id = known.request_id
    where
        known.request_id is null
        or firsts.request_timestamp < known.request_timestamp
        or (firsts.request_timestamp = known.request_timestamp and firsts.log_id < known.log_id)
        or (firsts.log_id = known.log_id and firsts.loaded_at > known.loaded_at)
    {%- endif %}
)

, new_hits as (
    select
        hits.*
        -- A hit without a client belongs to nobody else's session.
        , coalesce(hits.client_id, hits.log_id) as visitor
    from {{ ref('stg_hits') }} as hits
    inner join fresh on hits.log_id = fresh.log_id and hits.loaded_at = fresh.loaded_at
)
{% if existing %}
-- What is known of the visitors who have new hits; `is_replaced`: an earlier copy of the event came in later.
, affected_visitors as (
    select visitor
    from new_hits
    union
    select coalesce(known.client_id, known.log_id) as visitor
    from {{ existing }} as known
    inner join fresh on known.request_id = fresh.request_id
)

, known_hits as (
    select
        known.request_id
        , known.occurred_at
        , known.session_id
        , known.uninterrupted_since
        , known.user_id
        , known.user_ip
        , coalesce(known.client_id, known.log_id) as visitor
        , fresh.request_id is not null as is_replaced
    from {{ existing }} as known
    left join fresh on known.request_id = fresh.request_id
    where coalesce(known.client_id, known.log_id) in (select visitor from affected_visitors)
)

, known_sessions as (
    select
        visitor
        , uninterrupted_since
        , session_id
        , min(occurred_at) as started_at
        , max(occurred_at) as ended_at
        , max(case when is_replaced then 1 else 0 end) as loses_a_hit
    from known_hits
    group by visitor, uninterrupted_since, session_id
)

-- Sessions that have a new hit in them or within the gap around them.
, near_sessions as (
    select
        sessions.session_id
        , max(case when new_hits.occurred_at < sessions.uninterrupted_since then 1 else 0 end) as begins_earlier
    from known_sessions as sessions
    inner join new_hits on sessions.visitor = new_hits.visitor
    where
        {{ to_epoch_ms('new_hits.occurred_at') }} > {{ to_epoch_ms('sessions.started_at') }} - {{ gap_ms }}
        and {{ to_epoch_ms('new_hits.occurred_at') }} < {{ to_epoch_ms('sessions.ended_at') }} + {{ gap_ms }}
    group by sessions.session_id
)

-- Where the beginning of the activity moves, or a hit leaves it, all of its sessions are placed anew.
, restarted as (
    select distinct
        sessions.visitor
        , sessions.uninterrupted_since
    from known_sessions as sessions
    left join near_sessions as near on sessions.session_id = near.session_id
    where sessions.loses_a_hit = 1 or near.begins_earlier = 1
)

, changed_sessions as (
    select
        sessions.session_id
        , case when restarted.visitor is null then sessions.uninterrupted_since end as known_since
    from known_sessions as sessions
    left join near_sessions as near on sessions.session_id = near.session_id
    left join restarted
        on sessions.visitor = restarted.visitor and sessions.uninterrupted_since = restarted.uninterrupted_since
    where near.session_id is not null or restarted.visitor is not null
)

, moved_hits as (
    select
        known.request_id
        , known.occurred_at
        , known.visitor
        , known.user_id
        , known.user_ip
        , changed.known_since
    from known_hits as known
    inner join changed_sessions as changed on known.session_id = changed.session_id
    where not known.is_replaced
)
{% endif %}
, hits as (
    select
        request_id
        , occurred_at
        , visitor
        , user_id
        , user_ip
        , cast(null as {{ timestamp_type() }}) as known_since
    from new_hits
    {%- if existing %}
    union all
    select
        request_id
        , occurred_at
        , visitor
        , user_id
        , user_ip
        , known_since
    from moved_hits
    {%- endif %}
)

-- Ties are broken by the event's own id, so that sessions come out the same in whatever order the hits arrived.
, ordered as (
    select
        *
        , {{ to_epoch_ms('occurred_at') }} as occurred_ms
        , lag({{ to_epoch_ms('occurred_at') }}) over (
            partition by visitor order by occurred_at, request_id
        ) as previous_ms
    from hits
)

, stretches as (
    select
        *
        , sum(case when occurred_ms - previous_ms < {{ gap_ms }} then 0 else 1 end) over (
            partition by visitor order by occurred_at, request_id rows between unbounded preceding and current row
        ) as stretch_number
    from ordered
)

, since as (
    select
        *
        , {{ to_epoch_ms('min(coalesce(known_since, occurred_at)) over (partition by visitor, stretch_number)') }}
            as since_ms
    from stretches
)

, parts as (
    select
        *
        , floor((occurred_ms - since_ms) / {{ longest_ms }}) as part
        , coalesce(
            occurred_ms - previous_ms < {{ gap_ms }}
            and floor((occurred_ms - since_ms) / {{ longest_ms }}) = floor((previous_ms - since_ms) / {{ longest_ms }})
            , false
        ) as goes_on
    from since
)

, sessions as (
    select
        visitor
        , since_ms
        , part
        , {{ uuid5(uuid5(session_namespace, 'visitor'), 'max(case when not goes_on then request_id end)') }} as session_id
        , {{ distinct_array('user_id') }} as session_based_user_ids
        , {{ distinct_array('user_ip') }} as session_based_user_ips
    from parts
    group by visitor, since_ms, part
)

, placed as (
    select
        parts.request_id
        , parts.occurred_at
        , sessions.session_id
        , sessions.session_based_user_ids
        , sessions.session_based_user_ips
        , {{ from_epoch_ms('parts.since_ms') }} as uninterrupted_since
    from parts
    inner join sessions
        on parts.visitor = sessions.visitor and parts.since_ms = sessions.since_ms and parts.part = sessions.part
)

, all_hits as (
    select
        {{ hit_columns() | join('\n        , ') }}
        , log_id
        , loaded_at
    from new_hits
    {%- if existing %}
    union all
    select
        {% for column in hit_columns() %}known.{{ column }}
        , {% endfor %}known.log_id
        , known.loaded_at
    from {{ existing }} as known
    inner join moved_hits as moved on known.request_id = moved.request_id and known.occurred_at = moved.occurred_at
    {%- endif %}
)

select
    hits.request_timestamp
    , hits.occurred_at
    , hits.request_id
    , placed.session_id
    , hits.client_id
    , hits.user_id
    , placed.session_based_user_ids
    , hits.user_ip
    , placed.session_based_user_ips
    , hits.hit_type
    , hits.product_action
    , hits.document_location
    , hits.document_referrer
    , {{ uuid5(user_agent_namespace, 'lower(hits.user_agent)') }} as user_agent_id
    {% for column in hit_columns()[10:] if column not in later_hit_columns() %}, hits.{{ column }}
    {% endfor -%}
    , hits.log_id
    , placed.uninterrupted_since
    , hits.loaded_at
    , {{ created_at or this_run() }} as created_at
    {%- for column in later_hit_columns() %}
    , hits.{{ column }}
    {%- endfor %}
from all_hits as hits
inner join placed on hits.request_id = placed.request_id
{% endmacro %}
