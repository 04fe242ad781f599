-- One row a row of RAW.LOGS, typed, whichever protocol the hit came in. A hit may be there more than once.
{{ typed_hits(ref('stg_logs')) }}
