{#
    The interface between protocols and tables: the columns of a hit, in their order. Every `stg_<protocol>__hits` has
    them, and `log_id` and `loaded_at` beside; `logs` carries them on.
#}
{% macro hit_columns() %}
    {{ return([
        'request_timestamp', 'occurred_at', 'request_id', 'client_id', 'user_id', 'user_ip', 'hit_type',
        'product_action', 'document_location', 'document_referrer', 'user_agent', 'document_title',
        'screen_resolution', 'document_encoding', 'screen_colors', 'user_language', 'protocol', 'event_category',
        'event_action', 'event_label', 'event_value', 'product_action_list', 'currency_code', 'transaction_id',
        'transaction_revenue', 'transaction_tax', 'transaction_shipping', 'transaction_affiliation',
        'transaction_coupon_code', 'search_term', 'search_results', 'not_understood', 'req_body',
    ]) }}
{% endmacro %}

{# The rows of all protocols' staging models. #}
{% macro protocols_hits(protocols) %}
{% for protocol in protocols %}
{{ 'union all' if not loop.first }}
select
    log_id
    , loaded_at
    , {{ hit_columns() | join('\n    , ') }}
from {{ protocol }}
{% endfor %}
{% endmacro %}
