"""Two commands never change one stack at the same time."""

from pathlib import Path

import pytest

from embedded.cloud.lock import locked
from headrace.console import Problem


def test_the_second_is_refused_and_told_who_is_first(tmp_path: Path):
    with (
        locked(tmp_path / "local", "make up"),
        pytest.raises(Problem, match=r"being changed by `make up` \(pid \d+\)"),
        locked(tmp_path / "local", "make destroy"),
    ):
        pass


def test_the_lock_is_free_again_after_an_error(tmp_path: Path):
    with pytest.raises(RuntimeError), locked(tmp_path / "local", "make up"):
        raise RuntimeError
    with locked(tmp_path / "local", "make up"):
        pass
