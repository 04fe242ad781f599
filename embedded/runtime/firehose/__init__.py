"""Amazon Data Firehose with S3 as its destination: records in by API or from Kinesis, objects out.

A record's way: `api` or `kinesis_source` -> `journal` (on disk, before it is acknowledged) -> `delivery` -> S3.
"""
