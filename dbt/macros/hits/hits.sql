{#
    The interface between protocols and tables: the columns of a hit, in their order. `stg_hits` has them, and `log_id`
    and `loaded_at` beside; `logs` carries them on.
#}
{% macro hit_columns() %}
    {{ return([
        'request_timestamp', 'occurred_at', 'request_id', 'client_id', 'user_id', 'user_ip', 'hit_type',
        'product_action', 'document_location', 'document_referrer', 'user_agent', 'document_title',
        'screen_resolution', 'document_encoding', 'screen_colors', 'user_language', 'protocol', 'event_category',
        'event_action', 'event_label', 'event_value', 'product_action_list', 'currency_code', 'transaction_id',
        'transaction_revenue', 'transaction_tax', 'transaction_shipping', 'transaction_affiliation',
        'transaction_coupon_code', 'search_term', 'search_results', 'not_understood', 'req_body',
    ] + later_hit_columns()) }}
{% endmacro %}

{# Those of them that tables got later. They stand last in every table, where an increment appends them to an old one. #}
{% macro later_hit_columns() %}{{ return(['promotion_action', 'has_impressions']) }}{% endmacro %}

{# A hook of `logs`, before: an increment reads the rows that are there, with columns that an older table has not yet. #}
{% macro later_column_comes(name, type) %}
{% if is_incremental() %}
alter table {{ this }} add column if not exists {{ name }} {{ type }}
{% endif %}
{% endmacro %}

{#
    The protocols by the names in `context.protocol`. Each is two macros:

    - `<protocol>_paths()`: a name for each text that is read, and its path in the envelope;
    - `<protocol>_hit(said)`: SQL for what a hit says, where `said` has the expression of each of those texts:
        kind            what the hit calls itself
        about           a JSON document that several columns are taken from; columns use `kind` and `about` by name
        occurred_ms     when it happened; it may use `received_ms`
        columns         the hit's columns as texts, those of `several_places` as lists of texts of which the first that
                        says something counts; `has_impressions` is a condition. What is left out is NULL
        not_understood  the protocol's names of the fields that may have the wrong type, in their order, with their
                        conditions; they may use every column, and the text of a number as `<column>_said`
#}
{% macro protocols() %}
    {{ return({
        'google-analytics-v1': {'paths': google_analytics_paths(), 'hit': google_analytics_hit},
        'segment': {'paths': segment_paths(), 'hit': segment_hit},
        'snowplow': {'paths': snowplow_paths(), 'hit': snowplow_hit},
    }) }}
{% endmacro %}

{#
    The hits of all protocols, typed, from the rows of `logs`: in one pass, because reading the documents is most of what
    a run costs. Each column is a choice by protocol, and what is the same for all of them is said once, after it.
#}
{% macro typed_hits(logs) %}
{% set all = protocols() %}
{% set paths = all.values() | map(attribute='paths') | list %}
{% set hits = [] %}
{% for protocol in all.values() %}{% do hits.append(protocol.hit(said_texts(protocol.paths, 'data'))) %}{% endfor %}
{% set columns = hits | map(attribute='columns') | list %}
{% set integers = ['search_results'] %}
{% set amounts = ['event_value', 'transaction_revenue', 'transaction_tax', 'transaction_shipping'] %}
{% set several_places = ['client_id', 'user_id', 'user_ip', 'document_location', 'document_referrer', 'user_agent'] %}
{% set places = {} %}
{% for column in several_places %}
    {% do places.update({column: range(columns | map(attribute=column) | map('length') | max)}) %}
{% endfor %}
{% set lower_case = [
    'hit_type', 'product_action', 'screen_resolution', 'screen_colors', 'product_action_list', 'search_term',
    'promotion_action',
] %}
{% set upper_case = ['document_encoding', 'user_language', 'currency_code'] %}
{% set as_sent = [
    'document_title', 'event_category', 'event_action', 'event_label', 'transaction_id',
    'transaction_affiliation', 'transaction_coupon_code',
] %}

with spoken as (
    select
        *
        , {{ to_epoch_ms('request_timestamp') }} as received_ms
        -- A number, because every column asks for it.
        , case {{ json_text('data', 'context.protocol') }}
            {%- for name in all %}
            when '{{ name }}' then {{ loop.index }}
            {%- endfor %}
        end as speaks
    from {{ logs }}
)

, texts as (
    {{ json_texts_by('spoken', 'data', 'speaks', paths) }}
)

, kinds as (
    select
        *
        , {{ by_protocol(hits, 'kind') }} as kind
        , {{ by_protocol(hits, 'about') }} as about
    from texts
    where speaks is not null
)

, said as (
    select
        *
        , {{ by_protocol(hits, 'occurred_ms') }} as occurred_ms
        {%- for column in integers + amounts + lower_case + upper_case + as_sent %}
        , {{ by_protocol(columns, column) }} as {{ column }}_said
        {%- endfor %}
        {%- for column in several_places %}{% for place in places[column] %}
        , {{ by_protocol(columns | map(attribute=column) | list, place) }} as {{ column }}_{{ place }}
        {%- endfor %}{% endfor %}
        , {{ by_protocol(columns, 'has_impressions') }} as has_impressions
    from kinds
)

, typed as (
    select
        *
        {%- for column in integers %}
        , {{ try_integer(column ~ '_said') }} as {{ column }}
        {%- endfor %}
        {%- for column in amounts %}
        , {{ try_decimal(column ~ '_said', 18, 4) }} as {{ column }}
        {%- endfor %}
        {%- for column in several_places %}
        {%- set texts = [] %}{% for place in places[column] %}{% do texts.append(column ~ '_' ~ place) %}{% endfor %}
        {%- set found = first_of(texts) %}
        , {{ found if column == 'user_agent' else 'lower(' ~ found ~ ')' }} as {{ column }}
        {%- endfor %}
        {%- for column in lower_case %}
        , lower({{ clean(column ~ '_said') }}) as {{ column }}
        {%- endfor %}
        {%- for column in upper_case %}
        , upper({{ clean(column ~ '_said') }}) as {{ column }}
        {%- endfor %}
        {%- for column in as_sent %}
        , {{ clean(column ~ '_said') }} as {{ column }}
        {%- endfor %}
    from said
)

select
    log_id
    , request_id
    , request_timestamp
    -- What can not be (after it was received, before 1970) is not believed.
    , case
        when occurred_ms between 0 and received_ms then {{ from_epoch_ms('occurred_ms') }}
        else cast(request_timestamp as {{ timestamp_type() }})
    end as occurred_at
    , client_id
    , user_id
    , user_ip
    , hit_type
    , product_action
    , document_location
    , document_referrer
    , user_agent
    , document_title
    , screen_resolution
    , document_encoding
    , screen_colors
    , user_language
    , case speaks
        {%- for name in all %}
        when {{ loop.index }} then '{{ name }}'
        {%- endfor %}
    end as protocol
    , event_category
    , event_action
    , event_label
    , event_value
    , product_action_list
    , currency_code
    , transaction_id
    , transaction_revenue
    , transaction_tax
    , transaction_shipping
    , transaction_affiliation
    , transaction_coupon_code
    -- Besides what a protocol calls a search: an event of that category, or a page whose address asks a question.
    , case
        when search_term is not null then search_term
        when hit_type = 'event' and lower(event_category) = 'search' then lower(event_label)
        when hit_type = 'pageview' and document_location like '%?%' then {{ clean(query_parameter(
            'document_location', var('search_parameters')
        )) }}
    end as search_term
    , case
        when search_results is not null then search_results
        when hit_type = 'event' and lower(event_category) = 'search' then {{ try_integer('event_value_said') }}
    end as search_results
    , {{ by_protocol(hits, 'not_understood', names_where) }} as not_understood
    , {{ json_value('data', 'request.body') }} as req_body
    , loaded_at
    , promotion_action
    , coalesce(has_impressions, false) as has_impressions
from typed
{% endmacro %}

{#
    What each protocol says of `name`, by the number in `speaks`; NULL where none says anything. `hits`: dictionaries, or
    lists with the place as the name, in the order of the numbers. `written`: a macro that makes SQL of what stands there.
#}
{% macro by_protocol(hits, name, written=none) -%}
    case speaks
        {%- for hit in hits %}
        when {{ loop.index }} then {{ 'null' if hit[name] is not defined else written(hit[name]) if written else hit[name] }}
        {%- endfor %}
    end
{%- endmacro %}
