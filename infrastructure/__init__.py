"""The Pulumi program: what is deployed, to AWS and Snowflake or to the embedded cloud alike."""
