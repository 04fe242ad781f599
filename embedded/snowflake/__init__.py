"""The embedded Snowflake account: a catalogue of its objects, and their rows as Parquet files beside it."""
