-- One row a promotion that was shown or clicked. An increment holds the hits that changed.
{{ config(materialized='incremental', unique_key='request_id') }}
{{ things_table('promotions') }}
