"""Streams that are read by shards, for whoever reads them: Lambda's mappings and Firehose.

sources.py     the two kinds of stream
sharing.py     reads a shard, once for all its readers
"""
