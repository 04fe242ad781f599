"""Stream mappings: what Lambda does between a stream's shards and the functions that read them.

The register is the emulator's own (ListEventSourceMappings); all else is done through public APIs: GetRecords with the
rights of the function's role, Invoke, and SendMessage or Publish for what is given up. One file a subject:

definition.py  a mapping's settings            register.py   which mappings there are; starts and ends them
records.py     a record as the function gets it  mapping.py   one mapping's shards
sources.py     Kinesis and DynamoDB streams      shard.py     reads a shard, hands its records to lanes
batching.py    how many records make a batch     lane.py      batches, invokes, retries, gives up
answers.py     what the function's answer means  progress.py, checkpoints.py   how far a shard is processed
retrying.py    what follows a failure            discards.py  what the on-failure destination is told
"""
