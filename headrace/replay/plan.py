"""What a replay will do, and what it did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.table import Table

from headrace.replay.objects import Object
from headrace.replay.period import Period
from headrace.replay.raw import Outcome, Rows, total

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Plan:
    """objects: to be loaded. before: RAW's rows by object. gone: objects of RAW that S3 lacks, whose rows leave.
    expired: those that S3 itself removed, whose rows stay. waiting: objects left to the pipe."""

    period: Period
    objects: Sequence[Object]
    before: Mapping[str, Rows]
    gone: Sequence[str]
    expired: Sequence[str]
    waiting: int = 0

    @property
    def lacking(self) -> list[str]:
        """Objects that RAW has no row of."""
        return [one.name for one in self.objects if one.name not in self.before]

    @property
    def bytes(self) -> int:
        """Of all objects, as they are in S3."""
        return sum(one.size for one in self.objects)

    def lines(self) -> list[str]:
        """For people, before anything is done."""
        known = len(self.objects) - len(self.lacking)
        said = [
            f"replaying {self.period}: {_plural(len(self.objects), 'object')} in S3, {self.bytes / MEBIBYTE:,.1f} MiB",
            f"RAW has {_plural(total(self.before), 'row')} of this period now, of {known:,} of these objects",
        ]
        if self.lacking:
            said.append(f"{_plural(len(self.lacking), 'object')} RAW has no row of will be loaded too")
        if self.gone:
            leaving = total({name: self.before[name] for name in self.gone})
            said.append(f"{_plural(len(self.gone), 'object')} of RAW are gone from S3: {_plural(leaving, 'row')} leave")
        if self.expired:
            staying = total({name: self.before[name] for name in self.expired})
            said.append(
                f"{_plural(len(self.expired), 'object')} of RAW are older than S3 keeps events: "
                f"{_plural(staying, 'row')} stay as they are"
            )
        if self.waiting:
            said.append(f"{_plural(self.waiting, 'object')} delivered just now are left to the pipe")
        return said


@dataclass(frozen=True, kw_only=True)
class Result:
    """after: RAW's rows by object when all was done."""

    plan: Plan
    after: Mapping[str, Rows]
    outcome: Outcome

    @property
    def added(self) -> list[str]:
        """Objects that RAW lacked and has now."""
        return [name for name in self.plan.lacking if name in self.after]

    @property
    def repaired(self) -> list[str]:
        """Objects of which RAW had other rows than it should: too few, too many, or different ones."""
        known = (one.name for one in self.plan.objects if one.name in self.plan.before)
        return [name for name in known if self.after.get(name) != self.plan.before[name]]

    @property
    def lost(self) -> list[str]:
        """Objects of which rows were in RAW that are not any more: the modelled tables may still tell of them."""
        changed = [
            name
            for name in self.repaired
            if name not in self.after or not self.after[name].is_superset_of(self.plan.before[name])
        ]
        return [*self.plan.gone, *changed]

    def table(self) -> Table:
        """For people, when it is done."""
        table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
        table.add_column()
        table.add_column(justify="right")
        table.add_column(style="dim")
        loaded = len(self.plan.objects) - len(self.outcome.unread)
        table.add_row("objects replayed", f"{loaded:,}", "")
        table.add_row("rows before", f"{total(self.plan.before):,}", "")
        table.add_row("rows after", f"{total(self.after):,}", "")
        table.add_row("objects added", f"{len(self.added):,}", "RAW had no row of them")
        table.add_row("objects repaired", f"{len(self.repaired):,}", "RAW lacked rows, or had them more than once")
        if self.plan.gone:
            table.add_row("objects taken out", f"{len(self.plan.gone):,}", "gone from S3")
        table.add_row("refused lines", f"{self.outcome.refused:,}", "not understood by the pipe's statement")
        return table


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
