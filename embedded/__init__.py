"""The embedded cloud: what the Pulumi program is deployed to on one machine, without an account.

engine     carries the program out in this process, speaking Pulumi's own protocol
providers  what each resource type means in terms of the cloud's APIs
snowflake  the embedded Snowflake account: its objects, and the pipe that loads them
runtime    the processes behind the endpoints
"""
