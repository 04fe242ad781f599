-- The collector's rows of RAW.LOGS, each with the id of its event and the time it was received.
select
    -- Named again, because DuckDB would take over the upper case of the Parquet files.
    log_id as log_id -- noqa: AL09
    , coalesce(request_id, log_id) as request_id
    , coalesce(request_timestamp, log_timestamp) as request_timestamp
    , log_timestamp as loaded_at
    , data as data -- noqa: AL09
from {{ source('raw', 'logs') }}
where service_id = 'api.collect'
