{#
    Every difference between DuckDB and Snowflake sits in this file. Models call the dispatching macro; nothing else
    asks which engine it runs on.
#}


{#
    Reads text fields out of a JSON column: a whole `select` with the columns in `keep` and one column for each
    `name: path` in `texts`. A JSON null or a missing key is NULL; a number or a boolean is its text.
    DuckDB reads all paths in one pass over the document (five times as fast as one pass a path).
#}
{% macro json_texts(relation, column, texts, keep) -%}
    {{ return(adapter.dispatch('json_texts')(relation, column, texts, keep)) }}
{%- endmacro %}

{% macro duckdb__json_texts(relation, column, texts, keep) -%}
    select
        {{ keep | join(', ') }}
        {%- for name in texts %}
        , found[{{ loop.index }}] as {{ name }}
        {%- endfor %}
    from (
        select
            {{ keep | join(', ') }}
            , json_extract_string({{ column }}, [
                {%- for path in texts.values() %}'$.{{ path }}'{{ ', ' if not loop.last }}{% endfor -%}
            ]) as found
        from {{ relation }}
    ) as read_once
{%- endmacro %}

{% macro snowflake__json_texts(relation, column, texts, keep) -%}
    select
        {{ keep | join(', ') }}
        {%- for name, path in texts.items() %}
        , {{ column }}:{{ path }}::varchar as {{ name }}
        {%- endfor %}
    from {{ relation }}
{%- endmacro %}


{#
    The same for documents of several kinds, in one pass over them: `paths` has a dictionary of names and paths for each
    value of `choice`, from 1. It is a `select` of all of `relation`; what was read of a row has the expressions that
    `said_texts` gives, which only the rows of that kind may use.
#}
{% macro json_texts_by(relation, column, choice, paths) -%}
    {{ return(adapter.dispatch('json_texts_by')(relation, column, choice, paths)) }}
{%- endmacro %}

{% macro duckdb__json_texts_by(relation, column, choice, paths) -%}
    select
        *
        , case {{ choice }}
            {%- for texts in paths %}
            when {{ loop.index }} then json_extract_string({{ column }}, [
                {%- for path in texts.values() %}'$.{{ path }}'{{ ', ' if not loop.last }}{% endfor -%}
            ])
            {%- endfor %}
        end as found
    from {{ relation }}
{%- endmacro %}

{% macro snowflake__json_texts_by(relation, column, choice, paths) -%}
    select * from {{ relation }}
{%- endmacro %}

{% macro said_texts(paths, column) -%}{{ return(adapter.dispatch('said_texts')(paths, column)) }}{%- endmacro %}

{% macro duckdb__said_texts(paths, column) -%}
    {%- set said = {} -%}
    {%- for name in paths -%}{%- do said.update({name: 'found[' ~ loop.index ~ ']'}) -%}{%- endfor -%}
    {{ return(said) }}
{%- endmacro %}

{% macro snowflake__said_texts(paths, column) -%}
    {%- set said = {} -%}
    {%- for name, path in paths.items() -%}{%- do said.update({name: column ~ ':' ~ path ~ '::varchar'}) -%}{%- endfor -%}
    {{ return(said) }}
{%- endmacro %}


{# One text field of a JSON document; for many of them, `json_texts` is cheaper. #}
{% macro json_text(column, path) -%}{{ return(adapter.dispatch('json_text')(column, path)) }}{%- endmacro %}
{% macro duckdb__json_text(column, path) -%}json_extract_string({{ column }}, '$.{{ path }}'){%- endmacro %}
{% macro snowflake__json_text(column, path) -%}{{ column }}:{{ path }}::varchar{%- endmacro %}


{# A part of a JSON document, as JSON. #}
{% macro json_value(column, path) -%}{{ return(adapter.dispatch('json_value')(column, path)) }}{%- endmacro %}
{% macro duckdb__json_value(column, path) -%}json_extract({{ column }}, '$.{{ path }}'){%- endmacro %}
{% macro snowflake__json_value(column, path) -%}{{ column }}:{{ path }}{%- endmacro %}


{#
    One row for each key of a JSON object that begins with `prefix`: a whole `select` with the columns in `keep`, and
    `key` and `value` (its text). DuckDB's own json_each is four times as slow, because it is joined row by row.
#}
{% macro json_entries(relation, column, prefix, keep) -%}
    {{ return(adapter.dispatch('json_entries')(relation, column, prefix, keep)) }}
{%- endmacro %}

{% macro duckdb__json_entries(relation, column, prefix, keep) -%}
    select
        {{ keep | join(', ') }}
        , entry[1] as key
        , entry[2] as value
    from (
        select
            {{ keep | join(', ') }}
            , unnest(list_filter(
                list_zip(json_keys({{ column }}), json_extract_string({{ column }}, '$.*'))
                , lambda pair: prefix(pair[1], '{{ prefix }}')
            )) as entry
        from {{ relation }}
    ) as entries
{%- endmacro %}

{% macro snowflake__json_entries(relation, column, prefix, keep) -%}
    select
        {{ keep | join(', ') }}
        , entry.key as key
        , entry.value::varchar as value
    from {{ relation }}, lateral flatten(input => {{ column }}) as entry
    where startswith(entry.key, '{{ prefix }}')
{%- endmacro %}


{# The texts of a JSON array with a space between each two. #}
{% macro json_texts_joined(column, path) -%}{{ return(adapter.dispatch('json_texts_joined')(column, path)) }}{%- endmacro %}
{% macro duckdb__json_texts_joined(column, path) -%}
    array_to_string(json_extract_string({{ column }}, '$.{{ path }}[*]'), ' ')
{%- endmacro %}
{% macro snowflake__json_texts_joined(column, path) -%}array_to_string({{ column }}:{{ path }}::array, ' '){%- endmacro %}


{# Of Snowplow's contexts in an envelope, what the first of a schema's first model holds, as JSON. #}
{% macro first_entity(column, schema) -%}{{ return(adapter.dispatch('first_entity')(column, schema)) }}{%- endmacro %}
{% macro duckdb__first_entity(column, schema) -%}
    json_extract(list_filter(
        json_extract({{ column }}, '$.request.body.co.data[*]')
        , lambda entity: prefix(json_extract_string(entity, '$.schema'), 'iglu:{{ schema }}/jsonschema/1-')
    )[1], '$.data')
{%- endmacro %}
{% macro snowflake__first_entity(column, schema) -%}
    filter(
        {{ column }}:request.body.co.data::array
        , entity -> startswith(entity:schema::varchar, 'iglu:{{ schema }}/jsonschema/1-')
    )[0]:data
{%- endmacro %}


{#
    One row for each object in a JSON array: a whole `select` with the columns in `keep`, `place` (from 1) and `element`.
    Where there is no array, no row.
#}
{% macro json_elements(relation, column, path, keep) -%}
    {{ return(adapter.dispatch('json_elements')(relation, column, path, keep)) }}
{%- endmacro %}

{% macro duckdb__json_elements(relation, column, path, keep) -%}
    select
        {{ keep | join(', ') }}
        , place
        , element
    from (
        select
            {{ keep | join(', ') }}
            , generate_subscripts(elements, 1) as place
            , unnest(elements) as element
        from (
            select
                {{ keep | join(', ') }}
                , json_extract({{ column }}, '$.{{ path }}[*]') as elements
            from {{ relation }}
        ) as arrays
    ) as each
    where {{ json_is_object('element') }}
{%- endmacro %}

{% macro snowflake__json_elements(relation, column, path, keep) -%}
    select
        {{ keep | join(', ') }}
        , each.index + 1 as place
        , each.value as element
    from
        {{ relation }}
        , lateral flatten(
            input => case when {{ json_is_array(column ~ ':' ~ path) }} then {{ column }}:{{ path }} end
        ) as each
    where {{ json_is_object('each.value') }}
{%- endmacro %}

{# Whether JSON is an array, an object; false where there is none. #}
{% macro json_is_array(value) -%}{{ return(adapter.dispatch('json_is_array')(value)) }}{%- endmacro %}
{% macro duckdb__json_is_array(value) -%}coalesce(json_type({{ value }}) = 'ARRAY', false){%- endmacro %}
{% macro snowflake__json_is_array(value) -%}coalesce(is_array({{ value }}), false){%- endmacro %}

{% macro json_is_object(value) -%}{{ return(adapter.dispatch('json_is_object')(value)) }}{%- endmacro %}
{% macro duckdb__json_is_object(value) -%}coalesce(json_type({{ value }}) = 'OBJECT', false){%- endmacro %}
{% macro snowflake__json_is_object(value) -%}coalesce(is_object({{ value }}), false){%- endmacro %}

{# JSON that is an object, as the type that `json_object_of` has. #}
{% macro json_as_object(value) -%}{{ return(adapter.dispatch('json_as_object')(value)) }}{%- endmacro %}
{% macro duckdb__json_as_object(value) -%}{{ value }}{%- endmacro %}
{% macro snowflake__json_as_object(value) -%}{{ value }}::object{%- endmacro %}


{# One row for each value of an array: a table function to join; the value of its row is `<alias>.value`. #}
{% macro array_entries(array, alias) -%}{{ return(adapter.dispatch('array_entries')(array, alias)) }}{%- endmacro %}
{% macro duckdb__array_entries(array, alias) -%}unnest({{ array }}) as {{ alias }}(value){%- endmacro %}
{% macro snowflake__array_entries(array, alias) -%}lateral flatten(input => {{ array }}) as {{ alias }}{%- endmacro %}

{% macro array_length(array) -%}{{ return(adapter.dispatch('array_length')(array)) }}{%- endmacro %}
{% macro duckdb__array_length(array) -%}len({{ array }}){%- endmacro %}
{% macro snowflake__array_length(array) -%}array_size({{ array }}){%- endmacro %}


{# An aggregate: a JSON object of the group's keys and values. #}
{% macro json_object_of(key, value) -%}{{ return(adapter.dispatch('json_object_of')(key, value)) }}{%- endmacro %}
{% macro duckdb__json_object_of(key, value) -%}json_group_object({{ key }}, {{ value }}){%- endmacro %}
{% macro snowflake__json_object_of(key, value) -%}object_agg({{ key }}, to_variant({{ value }})){%- endmacro %}


{# An aggregate: the group's distinct values that are not NULL, sorted; an empty array when there is none. #}
{% macro distinct_array(value) -%}{{ return(adapter.dispatch('distinct_array')(value)) }}{%- endmacro %}
{% macro duckdb__distinct_array(value) -%}
    coalesce(list_sort(list(distinct {{ value }}) filter ({{ value }} is not null)), [])
{%- endmacro %}
{% macro snowflake__distinct_array(value) -%}
    array_agg(distinct {{ value }}) within group (order by {{ value }})
{%- endmacro %}


{#
    An array of the names whose condition holds: `conditions` maps names, or with `are_columns` columns that have them, to
    conditions.
#}
{% macro names_where(conditions, are_columns=false) -%}
    {%- set named = {} -%}
    {%- for name, condition in conditions.items() -%}
        {%- do named.update({name if are_columns else "'" ~ name ~ "'": condition}) -%}
    {%- endfor -%}
    {{ return(adapter.dispatch('names_where')(named)) }}
{%- endmacro %}
{% macro duckdb__names_where(conditions) -%}
    list_filter([
        {%- for name, condition in conditions.items() %}
        {{ ', ' if not loop.first }}case when {{ condition }} then {{ name }} end
        {%- endfor %}
    ], lambda name: name is not null)
{%- endmacro %}
{% macro snowflake__names_where(conditions) -%}
    array_construct_compact(
        {%- for name, condition in conditions.items() %}
        {{ ', ' if not loop.first }}case when {{ condition }} then {{ name }} end
        {%- endfor %}
    )
{%- endmacro %}


{# Text without surrounding spaces; NULL where nothing is left. By itself, DuckDB's trim takes other blanks away too. #}
{% macro clean(value) -%}{{ return(adapter.dispatch('clean')(value)) }}{%- endmacro %}
{% macro default__clean(value) -%}nullif(trim({{ value }}, ' '), ''){%- endmacro %}
{# DuckDB's trim copies every text, which costs as much as reading the JSON; few need it. #}
{% macro duckdb__clean(value) -%}
    case
        when prefix({{ value }}, ' ') or suffix({{ value }}, ' ') or {{ value }} = ''
            then nullif(trim({{ value }}, ' '), '')
        else {{ value }}
    end
{%- endmacro %}


{# The given group of a regular expression's first match; NULL when it does not match. #}
{% macro regex_group(value, pattern, group) -%}
    {{ return(adapter.dispatch('regex_group')(value, pattern, group)) }}
{%- endmacro %}
{% macro duckdb__regex_group(value, pattern, group) -%}
    nullif(regexp_extract({{ value }}, '{{ pattern }}', {{ group }}), '')
{%- endmacro %}
{% macro snowflake__regex_group(value, pattern, group) -%}
    regexp_substr({{ value }}, '{{ pattern }}', 1, 1, 'e', {{ group }})
{%- endmacro %}


{#
    Text to a whole number; NULL, not an error, where the text is none. Casts to integers would round 2.5. They are by way
    of decimals, because DuckDB's integers may also be written as 0x10, and of 18 digits, so that what one engine takes for
    a number fits the other's BIGINT too.
#}
{% macro try_integer(value) -%}
    case when coalesce({{ try_decimal(value, 18, 4) }} % 1, 0) = 0 then cast({{ try_decimal(value, 18, 0) }} as bigint) end
{%- endmacro %}

{# Text to a number. #}
{% macro try_decimal(value, precision, scale) -%}
    {{ return(adapter.dispatch('try_decimal')(value, precision, scale)) }}
{%- endmacro %}
{# DuckDB alone would read 1_000 as a number. #}
{% macro duckdb__try_decimal(value, precision, scale) -%}
    try_cast(replace({{ value }}, '_', '?') as decimal({{ precision }}, {{ scale }}))
{%- endmacro %}
{% macro snowflake__try_decimal(value, precision, scale) -%}
    try_to_decimal({{ value }}, {{ precision }}, {{ scale }})
{%- endmacro %}


{#
    An ISO 8601 time in UTC (`2024-03-01T10:00:00.123Z`) to a timestamp; NULL, not an error, where the text is none.
#}
{% macro try_timestamp(value) -%}
    {{ return(adapter.dispatch('try_timestamp')(regex_group(value, '^(.{10}T.+)Z$', 1))) }}
{%- endmacro %}
{% macro duckdb__try_timestamp(value) -%}try_cast({{ value }} as timestamp){%- endmacro %}
{% macro snowflake__try_timestamp(value) -%}try_to_timestamp_ntz({{ value }}){%- endmacro %}


{# Times are without a zone and mean UTC. #}
{% macro timestamp_type() -%}{{ return(adapter.dispatch('timestamp_type')()) }}{%- endmacro %}
{% macro duckdb__timestamp_type() -%}timestamp{%- endmacro %}
{% macro snowflake__timestamp_type() -%}timestamp_ntz{%- endmacro %}

{% macro utc_now() -%}{{ return(adapter.dispatch('utc_now')()) }}{%- endmacro %}
{% macro duckdb__utc_now() -%}make_timestamp(epoch_us(now())){%- endmacro %}
{% macro snowflake__utc_now() -%}sysdate(){%- endmacro %}

{% macro to_epoch_ms(value) -%}{{ return(adapter.dispatch('to_epoch_ms')(value)) }}{%- endmacro %}
{% macro duckdb__to_epoch_ms(value) -%}epoch_ms({{ value }}){%- endmacro %}
{% macro snowflake__to_epoch_ms(value) -%}date_part(epoch_millisecond, {{ value }}){%- endmacro %}

{% macro from_epoch_ms(value) -%}{{ return(adapter.dispatch('from_epoch_ms')(value)) }}{%- endmacro %}
{% macro duckdb__from_epoch_ms(value) -%}make_timestamp(({{ value }}) * 1000){%- endmacro %}
{% macro snowflake__from_epoch_ms(value) -%}to_timestamp_ntz({{ value }}, 3){%- endmacro %}


{# A UUID of version 5 (RFC 9562): `namespace` is the text of a UUID. DuckDB has no such function, so it is spelled out. #}
{% macro uuid5(namespace, name) -%}{{ return(adapter.dispatch('uuid5')(namespace, name)) }}{%- endmacro %}
{% macro duckdb__uuid5(namespace, name) -%}
    list_transform(
        [sha1(unhex(replace({{ namespace }}, '-', '')) || encode({{ name }}))]
        , lambda h: h[1:8] || '-' || h[9:12] || '-5' || h[14:16]
            || '-' || substr('89ab', 1 + (instr('0123456789abcdef', h[17:17]) - 1) % 4, 1) || h[18:20]
            || '-' || h[21:32]
    )[1]
{%- endmacro %}
{% macro snowflake__uuid5(namespace, name) -%}uuid_string({{ namespace }}, {{ name }}){%- endmacro %}


{#
    What a user agent's text says, as JSON; functions/parse_user_agent.py names its fields. One Python source: Snowflake
    has a function made of it, to DuckDB each connection of dbt gives it (headrace/dbt_plugin.py).
#}
{% macro parse_user_agent(text) -%}{{ return(adapter.dispatch('parse_user_agent')(text)) }}{%- endmacro %}
{% macro duckdb__parse_user_agent(text) -%}cast(parse_user_agent({{ text }}) as json){%- endmacro %}
{% macro snowflake__parse_user_agent(text) -%}
    parse_json({{ function('parse_user_agent') }}({{ text }}))
{%- endmacro %}

{#
    Takes the place of dbt's own, which knows no artifact repository: from Snowflake's copy of PyPI come the very versions
    that the other engine has, which its Anaconda channel need not hold.
#}
{% macro snowflake__get_function_python_options() %}
    RUNTIME_VERSION = '{{ model.config.runtime_version }}'
    ARTIFACT_REPOSITORY = snowflake.snowpark.pypi_shared_repository
    PACKAGES = ('{{ model.config.meta.packages | join("', '") }}')
    HANDLER = '{{ model.config.entry_point }}'
{% endmacro %}
