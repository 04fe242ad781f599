-- EVENTS.PRODUCT_IMPRESSIONS as the next run will leave it.
{{ config(alias='product_impressions') }}
{{ things_live('product_impressions') }}
