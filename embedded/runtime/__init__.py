"""The runtime: one process beside the emulator for what it lacks, speaking only AWS's public APIs.

firehose/     an endpoint of Amazon Data Firehose that buffers, compresses and names objects as the service does
mappings/     hands streams' records to functions with all the settings that Lambda has
personalize/  an endpoint of Personalize's PutEvents that validates and records
pipes.py      loads new S3 objects into the embedded Snowflake account's tables
front_door.py the HTTP API's own domain
"""
