{# The first of several texts that says something. #}
{% macro first_of(values) -%}
    coalesce({% for value in values %}{{ clean(value) }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{# Whether a field said something that could not be read as its type, and so became NULL. The cheap questions first. #}
{% macro unreadable(text, typed) -%}
    ({{ text }} is not null and {{ typed }} is null and {{ clean(text) }} is not null)
{%- endmacro %}

{#
    The value of the first of an address's query parameters that has one of the given names. Only the two usual spellings
    of a space are decoded.
#}
{% macro query_parameter(address, names) -%}
    replace(replace({{ regex_group(address, '[?&](' ~ names | join('|') ~ ')=([^&#]*)', 2) }}, '+', ' '), '%20', ' ')
{%- endmacro %}

{# Texts as a list of SQL. #}
{% macro quoted(texts) -%}'{{ texts | join("', '") }}'{%- endmacro %}

{# A choice by what `text` says: `names` maps what it may be to what that is called here. #}
{% macro renamed(text, names, otherwise='null') -%}
    case {{ text }} {%- for name, ours in names.items() %} when '{{ name }}' then '{{ ours }}'{% endfor %} else {{ otherwise }} end
{%- endmacro %}
