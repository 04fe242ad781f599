"""What all tests share: random inputs that are the same at every run, and no judgement by the clock."""

import shutil
import sys

from hypothesis import settings

settings.register_profile("headrace", derandomize=True, deadline=None, database=None)
settings.load_profile("headrace")


def pytest_unconfigure() -> None:
    """fakesnow makes a folder for files as it is imported, and leaves it."""
    if stage := sys.modules.get("fakesnow.transforms.stage"):
        shutil.rmtree(stage.LOCAL_BUCKET_PATH, ignore_errors=True)
