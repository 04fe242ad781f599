{#
    What a hit tells of more than once (products, promotions), whichever way its protocol writes them: each macro here is
    a whole `select` of `log_id`, `place` (the thing's number in the hit, as text) and `thing` (its fields, a JSON object)
    from rows of `logs`.
#}

{#
    Flat parameters with numbers in their names, as `pr2id`. `pattern` has one group for each number and one, the last,
    for the field's name; `numbers` is how many numbers there are: their places are divided by points.
#}
{% macro numbered_things(hits, prefix, pattern, numbers=1) %}
select
    log_id
    , place
    , {{ json_object_of('field', 'said') }} as thing
from (
    select
        log_id
        , {% for number in range(1, numbers + 1) -%}
            {{ regex_group('key', pattern, number) }}{{ " || '.' || " if not loop.last }}
        {%- else -%} '1' {%- endfor %} as place
        , {{ regex_group('key', pattern, numbers + 1) }} as field
        , {{ clean('value') }} as said
    from ({{ json_entries(hits, 'req_body', prefix, keep=['log_id']) }}) as entries
) as fields
where place is not null and field is not null and said is not null
group by log_id, place
{% endmacro %}

{# The objects of an array. #}
{% macro listed_things(hits, path) %}
select
    log_id
    , cast(place as varchar) as place
    , {{ json_as_object('element') }} as thing
from ({{ json_elements(hits, 'req_body', path, keep=['log_id']) }}) as elements
{% endmacro %}

{# One object. #}
{% macro single_thing(hits, path) %}
select
    log_id
    , '1' as place
    , {{ json_as_object(json_value('req_body', path)) }} as thing
from {{ hits }}
where {{ json_is_object(json_value('req_body', path)) }}
{% endmacro %}

{# Snowplow's contexts of one schema's first model. #}
{% macro entities(hits, schema) %}
select
    log_id
    , cast(row_number() over (partition by log_id order by place) as varchar) as place
    , {{ json_as_object(json_value('element', 'data')) }} as thing
from ({{ json_elements(hits, 'req_body', 'co.data', keep=['log_id']) }}) as elements
where
    {{ json_text('element', 'schema') }} like 'iglu:{{ schema }}/jsonschema/1-%'
    and {{ json_is_object(json_value('element', 'data')) }}
{% endmacro %}

{#
    Things with the texts of their fields: `fields` maps columns to the field's name, or to several of which the first
    that says something counts; a column that is left out is NULL.
#}
{% macro with_fields(things, columns, fields) %}
{% set texts = {} %}
{% for column, names in fields.items() -%}
    {% for name in ([names] if names is string else names) %}{% do texts.update({column ~ '_' ~ loop.index: name}) %}{% endfor %}
{%- endfor %}
select
    log_id
    , place
    , thing
    {%- for column in columns %}
    {%- set found = texts.keys() | select('in', [column ~ '_1', column ~ '_2']) | list %}
    , {{ first_of(found) if found | length > 1 else found[0] if found else 'cast(null as varchar)' }} as {{ column }}
    {%- endfor %}
from ({{ json_texts('(' ~ things ~ ') as things', 'thing', texts, keep=['log_id', 'place', 'thing']) }}) as texts
{% endmacro %}

{# Those of `hits` for which a condition holds, to select from. #}
{% macro hits_where(hits, condition) -%}(select * from {{ hits }} where {{ condition }}) as chosen{%- endmacro %}
