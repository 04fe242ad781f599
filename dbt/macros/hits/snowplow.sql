{#
    Snowplow's tracker protocol, as the collector keeps it: self-describing JSON stands decoded in `ue_pr` (an event) and
    `co` (contexts). https://docs.snowplow.io/docs/fundamentals/canonical-event/
#}
{% macro snowplow_paths() %}
    {{ return({
        'client_id': 'context.client_id', 'user_id': 'context.user_id', 'user_ip': 'context.user_ip',
        'user_agent': 'context.user_agent', 'location': 'context.document_location',
        'referrer': 'context.document_referrer',
        'e': 'request.body.e', 'ttm': 'request.body.ttm', 'dtm': 'request.body.dtm', 'stm': 'request.body.stm',
        'page': 'request.body.page', 'res': 'request.body.res', 'cs': 'request.body.cs', 'cd': 'request.body.cd',
        'lang': 'request.body.lang', 'se_ca': 'request.body.se_ca', 'se_ac': 'request.body.se_ac',
        'se_la': 'request.body.se_la', 'se_va': 'request.body.se_va', 'tr_id': 'request.body.tr_id',
        'tr_tt': 'request.body.tr_tt', 'tr_tx': 'request.body.tr_tx', 'tr_sh': 'request.body.tr_sh',
        'tr_af': 'request.body.tr_af', 'tr_cu': 'request.body.tr_cu', 'ti_id': 'request.body.ti_id',
        'ti_cu': 'request.body.ti_cu',
        'schema': 'request.body.ue_pr.data.schema', 'type': 'request.body.ue_pr.data.data.type',
        'name': 'request.body.ue_pr.data.data.name', 'currency': 'request.body.ue_pr.data.data.currency',
        'results': 'request.body.ue_pr.data.data.totalResults',
    }) }}
{% endmacro %}

{#
    `kind` is the type of event (`e`), or the schema of a self-describing one without its version: only the first
    model of a schema is known here. Events of the e-commerce schemas say what was done, contexts with which
    products and in which transaction (`about`).
#}
{% macro snowplow_hit(said) %}
{% set snowplow = 'com.snowplowanalytics.snowplow/' %}
{% set ecommerce = "com.snowplowanalytics.snowplow.ecommerce/snowplow_ecommerce_action" %}
{% set of_shop = "kind = '" ~ ecommerce ~ "'" %}
{% set product = first_entity('data', 'com.snowplowanalytics.snowplow.ecommerce/product') %}
{% set refund = first_entity('data', 'com.snowplowanalytics.snowplow.ecommerce/refund') %}
{% set is_described = said.e ~ " = 'ue'" %}
    {{ return({
        'kind': 'case when ' ~ is_described ~ ' then lower(' ~ regex_group(said.schema, schema_of_model_1(), 1)
            ~ ') else ' ~ said.e ~ ' end',
        'about': 'case when ' ~ said.schema ~ " like '%/snowplow_ecommerce_action/%' then "
            ~ first_entity('data', 'com.snowplowanalytics.snowplow.ecommerce/transaction') ~ ' end',
        'occurred_ms': 'coalesce(' ~ try_integer(said.ttm) ~ ', received_ms - (' ~ try_integer(said.stm) ~ ' - '
            ~ try_integer(said.dtm) ~ '))',
        'columns': {
            'client_id': [said.client_id],
            'user_id': [said.user_id],
            'user_ip': [said.user_ip],
            'hit_type': renamed('kind', {
                'pv': 'pageview', 'pp': 'page_ping', 'tr': 'transaction', 'ti': 'item',
                'com.snowplowanalytics.mobile/screen_view': 'screenview', snowplow ~ 'screen_view': 'screenview',
                snowplow ~ 'timing': 'timing', snowplow ~ 'social_interaction': 'social',
                snowplow ~ 'application_error': 'exception', snowplow ~ 'identify': 'identify',
            }, "'event'"),
            'product_action': 'case when ' ~ of_shop ~ ' then ' ~ renamed(said.type, {
                'product_view': 'detail', 'list_click': 'click', 'add_to_cart': 'add', 'remove_from_cart': 'remove',
                'checkout_step': 'checkout', 'transaction': 'purchase', 'refund': 'refund',
            }) ~ ' else ' ~ renamed('kind', {
                'tr': 'purchase', 'ti': 'purchase', snowplow ~ 'add_to_cart': 'add',
                snowplow ~ 'remove_from_cart': 'remove',
            }) ~ ' end',
            'promotion_action': 'case when ' ~ of_shop ~ ' then ' ~ renamed(said.type, {
                'promo_view': 'view', 'promo_click': 'click',
            }) ~ ' end',
            'has_impressions': of_shop ~ ' and ' ~ said.type ~ " = 'list_view'",
            'document_location': [said.location],
            'document_referrer': [said.referrer],
            'user_agent': [said.user_agent],
            'document_title': "case when kind like '%/screen_view' then " ~ said.name ~ ' else ' ~ said.page ~ ' end',
            'screen_resolution': said.res,
            'document_encoding': said.cs,
            'screen_colors': clean(said.cd) ~ " || '-bit'",
            'user_language': said.lang,
            'event_category': 'case when ' ~ is_described ~ ' then ' ~ regex_group(said.schema, 'iglu:([^/]+)/', 1)
                ~ ' else ' ~ said.se_ca ~ ' end',
            'event_action': 'case when ' ~ is_described ~ ' then '
                ~ regex_group(said.schema, 'iglu:[^/]+/([^/]+)/', 1) ~ ' else ' ~ said.se_ac ~ ' end',
            'event_label': said.se_la,
            'event_value': said.se_va,
            'product_action_list': 'case when ' ~ of_shop ~ ' then ' ~ said.name ~ ' end',
            'currency_code': first_of([
                said.tr_cu, said.ti_cu, said.currency, json_text('about', 'currency'),
                'case when ' ~ of_shop ~ ' then coalesce(' ~ json_text(refund, 'currency') ~ ', '
                    ~ json_text(product, 'currency') ~ ') end',
            ]),
            'transaction_id': first_of([
                said.tr_id, said.ti_id, json_text('about', 'transaction_id'),
                'case when ' ~ of_shop ~ ' then ' ~ json_text(refund, 'transaction_id') ~ ' end',
            ]),
            'transaction_revenue': first_of([said.tr_tt, json_text('about', 'revenue')]),
            'transaction_tax': first_of([said.tr_tx, json_text('about', 'tax')]),
            'transaction_shipping': first_of([said.tr_sh, json_text('about', 'shipping')]),
            'transaction_affiliation': said.tr_af,
            'transaction_coupon_code': json_text('about', 'discount_code'),
            'search_term': "case when kind = '" ~ snowplow ~ "site_search' then "
                ~ json_texts_joined('data', 'request.body.ue_pr.data.data.terms') ~ ' end',
            'search_results': "case when kind = '" ~ snowplow ~ "site_search' then " ~ said.results ~ ' end',
        },
        'not_understood': {
            'ttm': unreadable(said.ttm, try_integer(said.ttm)),
            'dtm': unreadable(said.dtm, try_integer(said.dtm)),
            'stm': unreadable(said.stm, try_integer(said.stm)),
            'se_va': unreadable('event_value_said', 'event_value'),
            'tr_tt': unreadable('transaction_revenue_said', 'transaction_revenue'),
            'tr_tx': unreadable('transaction_tax_said', 'transaction_tax'),
            'tr_sh': unreadable('transaction_shipping_said', 'transaction_shipping'),
            'totalResults': unreadable('search_results_said', 'search_results'),
        },
    }) }}
{% endmacro %}

{# What a schema's address is called without its version, where that is of the first model: `vendor/name`. #}
{% macro schema_of_model_1() -%}^iglu:([^/]+/[^/]+)/[^/]+/1-[0-9]+-[0-9]+${%- endmacro %}
