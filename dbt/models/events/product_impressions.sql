-- One row a product that was shown in a list. An increment holds the hits that changed.
{{ config(materialized='incremental', unique_key='request_id') }}
{{ things_table('product_impressions') }}
