"""Stream mappings: what Lambda does between a stream's shards and the functions that read them.

The register is the emulator's own (ListEventSourceMappings); all else is done through public APIs: GetRecords with the
rights of the function's role, and SendMessage or Publish for what is given up. One file a subject:

register.py     which mappings there are; starts and ends them
definition.py   a mapping's settings
mapping.py      one mapping at work: its shards, its function's role
shard.py        hands a shard's records to the lanes of one mapping; reads it through embedded.runtime.streams
lane.py         gathers batches, invokes, retries, gives up
records.py, batching.py, answers.py, retrying.py, filters.py, discards.py   its rules, all pure but the last one's send
invoking.py     the call of the function
progress.py, checkpoints.py   how far a shard is processed
"""
