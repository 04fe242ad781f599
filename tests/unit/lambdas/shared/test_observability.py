import logging
from datetime import datetime
from typing import Any

import pytest

from shared import observability
from shared.observability import log


def test_a_line_says_how_bad_it_is_what_when_and_where_from(printed: Any) -> None:
    log(logging.WARNING, "request", status=200, errors=[])
    (line,) = printed()
    assert datetime.fromisoformat(line.pop("timestamp")).tzinfo is not None
    assert line == {"level": "WARNING", "message": "request", "service": "headrace", "status": 200, "errors": []}


def test_a_line_names_its_trace(printed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
    monkeypatch.setenv("_X_AMZN_TRACE_ID", trace)
    log(logging.INFO, "request")
    assert printed()[0]["xray_trace_id"] == "1-5759e988-bd862e3fe1be46a994272793"


def test_what_is_below_the_level_is_not_written(printed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observability, "THRESHOLD", logging.WARNING)
    log(logging.INFO, "request")
    log(logging.ERROR, "stays")
    assert [line["message"] for line in printed()] == ["stays"]
