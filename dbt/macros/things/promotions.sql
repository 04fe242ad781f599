{# One row a promotion that a hit shows, or that was clicked. `hits`: rows of `logs` with a `promotion_action`. #}
{% macro promotions(hits) %}
{% set columns = ['id', 'name', 'creative', 'position'] %}
{% set shapes = [
    {
        'things': numbered_things(
            hits_where(hits, "protocol = 'google-analytics-v1'"), 'promo', '^promo([1-9][0-9]{0,2})(id|nm|cr|ps)$'
        ),
        'fields': {'id': 'id', 'name': 'nm', 'creative': 'cr', 'position': 'ps'},
    },
    {
        'things': single_thing(hits_where(hits, "protocol = 'segment'"), 'properties'),
        'fields': {'id': 'promotion_id', 'name': 'name', 'creative': 'creative', 'position': 'position'},
    },
    {
        'things': entities(
            hits_where(hits, "protocol = 'snowplow'"), 'com.snowplowanalytics.snowplow.ecommerce/promotion'
        ),
        'fields': {'id': 'id', 'name': 'name', 'creative': 'creative_id', 'position': ['slot', 'position']},
    },
] %}
select
    promotions.log_id || '.' || promotions.place as id
    , upper({{ clean('promotions.id') }}) as promotion_id
    , {{ clean('promotions.name') }} as promotion_name
    , {{ clean('promotions.creative') }} as promotion_creative
    , {{ clean('promotions.position') }} as promotion_position
    , hits.*
from (
    {%- for shape in shapes %}
    {{ 'union all' if not loop.first }}
    select * from ({{ with_fields(shape.things, columns, shape.fields) }}) as told
    {%- endfor %}
) as promotions
inner join {{ hits }} as hits on promotions.log_id = hits.log_id
{% endmacro %}
