"""A cold start pays for imports. The budget is in modules and in shares of boto3's own import, whatever the load."""

import subprocess
import sys
from pathlib import Path

import pytest

LAMBDAS = Path(__file__).parents[3] / "lambdas"

# Our own modules and what they need of orjson, httptools, pybase64 and the standard library: 61 when this was set, and
# room to grow.
MAX_MODULES = 66

# 120 ms beyond boto3's import is the budget where boto3 itself takes 330 ms (measured on two cores): a share of 0.36.
MAX_SHARE = 0.36

HEAVY = {"pydantic", "requests", "pandas", "pyarrow", "asyncio", "multiprocessing", "aws_xray_sdk", "snowflake"}

PROGRAM = """
import sys, time
sys.path.insert(0, {lambdas!r})
start = time.process_time()
import boto3, botocore.config, botocore.exceptions
boto3.client("kinesis", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
middle, before = time.process_time(), set(sys.modules)
import {module}
share = (time.process_time() - middle) / (middle - start)
print(share, *sorted(set(sys.modules) - before))
"""


@pytest.mark.parametrize(
    "module",
    [
        "collect.handler",
        "loyalty.announce",
        "loyalty.handler",
        "loyalty.load",
        "live_counts.flush",
        "live_counts.place",
        "live_counts.prune",
        "offers.handler",
        "offers.perform",
        "recommendations.handler",
        "reingest.handler",
    ],
)
def test_a_function_brings_few_modules_beyond_boto3(module: str) -> None:
    program = PROGRAM.format(lambdas=str(LAMBDAS), module=module)
    share, *modules = subprocess.check_output([sys.executable, "-c", program], text=True).split()
    assert HEAVY.isdisjoint(module.split(".")[0] for module in modules)
    assert len(modules) <= MAX_MODULES
    assert float(share) <= MAX_SHARE
