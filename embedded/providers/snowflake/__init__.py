"""Snowflake's resource types: each is an object of the embedded account's catalogue, and the SQL it stands for."""
