-- When a day changes, all that statistics said of it before goes. All rows are looked at, as those left over are old.
{% for name in ['overview_1h', 'funnel_1d', 'product_stats_1d', 'data_quality'] %}
select
    '{{ name }}' as statistic
    , statistics.timestamp
    , count(*) as rows_left
from {{ ref(name) }} as statistics
left join {{ ref('overview_1d') }} as calendar on date_trunc('day', statistics.timestamp) = calendar.timestamp
where calendar.timestamp is null or statistics.created_at < calendar.created_at
group by statistics.timestamp
{{ 'union all' if not loop.last }}
{%- endfor %}
