-- Every protocol's hits behind one interface. A further protocol is one more `stg_<protocol>__hits` with these columns.

{% set protocols = ['google_analytics'] %}

{% for protocol in protocols %}
{{ 'union all' if not loop.first }}
select
    log_id
    , loaded_at
    , {{ hit_columns() | join('\n    , ') }}
from {{ ref('stg_' ~ protocol ~ '__hits') }}
{% endfor %}
