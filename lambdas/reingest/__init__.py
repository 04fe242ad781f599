"""Puts back what the collector had to spill to S3."""
