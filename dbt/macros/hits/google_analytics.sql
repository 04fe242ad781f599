{# Google Analytics' Measurement Protocol v1. https://developers.google.com/analytics/devguides/collection/protocol/v1 #}
{% macro google_analytics_paths() %}
    {{ return({
        'body_client_id': 'request.body.cid', 'context_client_id': 'context.client_id',
        'body_user_id': 'request.body.uid', 'context_user_id': 'context.user_id',
        'body_user_ip': 'request.body.uip', 'context_user_ip': 'context.user_ip',
        'body_location': 'request.body.dl', 'header_referer': 'request.headers.referer',
        'context_location': 'context.document_location',
        'body_referrer': 'request.body.dr', 'context_referrer': 'context.document_referrer',
        'body_user_agent': 'request.body.ua', 'header_user_agent': 'request.headers."user-agent"',
        'context_user_agent': 'context.user_agent',
        't': 'request.body.t', 'pa': 'request.body.pa', 'pal': 'request.body.pal', 'qt': 'request.body.qt',
        'ec': 'request.body.ec', 'ea': 'request.body.ea', 'el': 'request.body.el', 'ev': 'request.body.ev',
        'dt': 'request.body.dt', 'cd': 'request.body.cd', 'sr': 'request.body.sr', 'de': 'request.body.de',
        'sd': 'request.body.sd', 'ul': 'request.body.ul', 'cu': 'request.body.cu', 'ti': 'request.body.ti',
        'tr': 'request.body.tr', 'tt': 'request.body.tt', 'ts': 'request.body.ts', 'ta': 'request.body.ta', 'tcc': 'request.body.tcc',
        'promoa': 'request.body.promoa', 'promo1id': 'request.body.promo1id', 'promo1nm': 'request.body.promo1nm',
        'il1pi1id': 'request.body.il1pi1id', 'il1pi1nm': 'request.body.il1pi1nm',
    }) }}
{% endmacro %}

{#
    A hit tells how long it had waited in the tracker when it was sent (`qt`). The older e-commerce names no action: it
    sends a hit for the transaction, and one for each product of it. Promotions are seen unless `promoa` says otherwise;
    that there are any, or products in lists, is told by the first, because the protocol numbers them from 1. The page's
    address and the visitor's are the context's first: the collector puts the one together of several parameters, and
    leaves what is no address out of the other.
#}
{% macro google_analytics_hit(said) %}
    {{ return({
        'kind': 'lower(' ~ clean(said.t) ~ ')',
        'occurred_ms': 'received_ms - ' ~ try_integer(said.qt),
        'columns': {
            'client_id': [said.body_client_id, said.context_client_id],
            'user_id': [said.body_user_id, said.context_user_id],
            'user_ip': [said.context_user_ip, said.body_user_ip],
            'hit_type': 'kind',
            'product_action': "case when kind in ('transaction', 'item') then 'purchase' else " ~ said.pa ~ " end",
            'promotion_action': 'coalesce(' ~ clean(said.promoa) ~ ", case when coalesce(" ~ said.promo1id ~ ', '
                ~ said.promo1nm ~ ") is not null then 'view' end)",
            'has_impressions': 'coalesce(' ~ said.il1pi1id ~ ', ' ~ said.il1pi1nm ~ ') is not null',
            'document_location': [said.context_location, said.body_location, said.header_referer],
            'document_referrer': [said.body_referrer, said.context_referrer],
            'user_agent': [said.body_user_agent, said.header_user_agent, said.context_user_agent],
            'document_title': first_of([said.dt, "case when kind = 'screenview' then " ~ said.cd ~ ' end']),
            'screen_resolution': said.sr,
            'document_encoding': said.de,
            'screen_colors': said.sd,
            'user_language': said.ul,
            'event_category': said.ec,
            'event_action': said.ea,
            'event_label': said.el,
            'event_value': 'case when ' ~ try_integer(said.ev) ~ ' is not null then ' ~ said.ev ~ ' end',
            'product_action_list': said.pal,
            'currency_code': said.cu,
            'transaction_id': said.ti,
            'transaction_revenue': said.tr,
            'transaction_tax': said.tt,
            'transaction_shipping': said.ts,
            'transaction_affiliation': said.ta,
            'transaction_coupon_code': said.tcc,
        },
        'not_understood': {
            'qt': unreadable(said.qt, 'occurred_ms') ~ ' or occurred_ms not between 0 and received_ms',
            'ev': unreadable(said.ev, 'event_value'),
            'tr': unreadable('transaction_revenue_said', 'transaction_revenue'),
            'tt': unreadable('transaction_tax_said', 'transaction_tax'),
            'ts': unreadable('transaction_shipping_said', 'transaction_shipping'),
        },
    }) }}
{% endmacro %}
