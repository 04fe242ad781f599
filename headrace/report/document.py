"""The report for programs."""

from dataclasses import asdict
from typing import Any

from headrace.report.checks import Hop, Verdict
from headrace.report.figures import Figures


def document(stack: str, checked: list[Hop], figures: Figures | None) -> dict[str, Any]:
    """All of the report, to be written as JSON with `default=str`: money becomes text, as JSON's numbers are inexact.

    figures: None where there is no warehouse, or nothing has been transformed; its keys are left out then, except
    `days`, which is empty.
    """
    return {
        "stack": stack,
        "agrees": all(hop.verdict is not Verdict.WRONG for hop in checked),
        "hops": [
            {
                "name": hop.name.strip(),
                "count": hop.count,
                "verdict": hop.verdict.value,
                "note": hop.note,
                "parts": hop.parts,
            }
            for hop in checked
        ],
        "days": [],
        **(asdict(figures) if figures else {}),
    }
