{#
    One row a user agent among `hits` (with `user_agent_id` and `user_agent` of logs). Its text is the alphabetically
    first spelling, so that the row is the same in whatever order the hits came.

    Only what has no row in `known` yet, or comes in an earlier spelling, is parsed. The others are `known`'s rows again
    under this run's time, which tells the next run where to go on.
#}
{% macro user_agents(hits, created_at, known=none) %}
{% set fields = [
    'browser_name', 'browser_version', 'browser_major', 'os_name', 'os_version', 'device_type', 'device_model',
    'device_vendor', 'cpu_architecture', 'engine_name', 'engine_version',
] %}
{% set texts = dict(zip(fields + ['is_bot'], fields + ['is_bot'])) %}
with seen as (
    select
        user_agent_id as id
        , min(user_agent) as user_agent
    from {{ hits }}
    where user_agent_id is not null
    group by user_agent_id
)

, parsed as (
    select
        seen.id
        , seen.user_agent
        , {{ parse_user_agent('seen.user_agent') }} as said
    from seen
    {%- if known %}
    left join {{ known }} as known on seen.id = known.id
    where known.id is null or seen.user_agent < known.user_agent
    {%- endif %}
)

, told as (
    {{ json_texts('parsed', 'said', texts, keep=['id', 'user_agent']) }}
)

select
    id
    , user_agent
    {%- for field in fields %}
    , {{ field }}
    {%- endfor %}
    , cast(is_bot as boolean) as is_bot
    , {{ created_at }} as created_at
from told
{%- if known %}
union all
select
    known.id
    , known.user_agent
    {%- for field in fields %}
    , known.{{ field }}
    {%- endfor %}
    , known.is_bot
    , {{ created_at }} as created_at
from {{ known }} as known
inner join seen on known.id = seen.id
where known.user_agent <= seen.user_agent
{%- endif %}
{% endmacro %}


{# A user agent goes with its last hit: an event of which an earlier copy came late has that copy's agent now. #}
{% macro user_agents_without_hits_go() %}
{% if is_incremental() %}
delete from {{ this }}
where id not in (select logs.user_agent_id from {{ ref('logs') }} as logs where logs.user_agent_id is not null)
{% endif %}
{% endmacro %}
