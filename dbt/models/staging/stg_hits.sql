-- Every protocol's hits behind one interface. A further protocol is one more `stg_<protocol>__hits` with these columns.
{{ protocols_hits([ref('stg_google_analytics__hits')]) }}
