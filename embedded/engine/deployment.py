"""Brings one resource after another from what stands to what the program wants."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from embedded.engine.goal import PROVIDER_TYPE, Goal, changes, must_replace, would_collide
from embedded.engine.naming import automatic_name
from embedded.engine.order import deletion_order, dependents
from embedded.engine.report import Action, Reporter
from embedded.engine.settings import Project
from embedded.engine.state import Entry, State
from embedded.engine.values import fingerprint
from embedded.providers.contract import AlreadyExistsError, CloudGoneError, Known, Provider, Providers, Values
from headrace.console import Problem

KEPT = "mend the cause and run it again: what was done is kept, and it goes on from there"


class StoppedError(Exception):
    """No step is begun any more: one has failed, or the user wants to stop."""


class Deployment:
    """The steps of one run. The SDK calls `register` from several threads; steps on different resources overlap.

    The state is written before a creation (as pending, so that an interrupted one is found again) and after each
    step. The first failure, or `stop`, lets the steps under way end and begins no other.
    """

    def __init__(self, project: Project, state: State, providers: Providers, report: Reporter, *, dry: bool) -> None:
        self.project, self.state, self.providers, self.dry = project, state, providers, dry
        self.counts: Counter[Action] = Counter()
        self.failure: Exception | None = None
        self._report = report
        self._lock = threading.RLock()
        self._seen: dict[str, Entry] = {}
        self._disturbed: set[str] = set()
        self._stopped = False

    def stop(self) -> None:
        self._stopped = True

    def say(self, severity: str, message: str) -> None:
        with self._lock:
            self._report.diagnostic(severity, message)

    def config_of(self, provider: str, type_or_function: str) -> Values:
        """The configuration of an explicit provider, or of the package's default one."""
        urn = provider.rpartition("::")[0]
        if urn:
            entry = self._seen.get(urn) or self.state.resources[urn]
            return entry.inputs
        return self.project.provider_config(type_or_function.partition(":")[0])

    def register(self, goal: Goal) -> Entry:
        """Does what the goal needs and returns the record of it; in a preview, what is known of it beforehand."""
        with self._lock:
            if self._stopped:
                raise StoppedError
            if goal.urn in self._seen:
                raise self._failed(
                    Problem(f"two resources are {goal.type} '{goal.name}'", "give one of them another name")
                )
            self._seen[goal.urn] = goal.entry(goal.inputs)
            for alias in goal.aliases:
                if alias in self.state.resources and goal.urn not in self.state.resources:
                    self.state.rename(alias, goal.urn)
        old = self.state.resources.get(goal.urn)
        if goal.in_cloud:
            entry = self._settle(goal, old)
        else:
            entry = goal.entry(goal.inputs)
            entry.id = goal.name if goal.custom else ""
            if not self.dry:
                self.state.put(entry)
        self._seen[goal.urn] = entry
        return entry

    def delete_unseen(self) -> None:
        """Deletes what the program no longer declares and what was replaced, dependents first."""
        gone = [entry for urn, entry in self.state.resources.items() if urn not in self._seen]
        self._delete([*gone, *self.state.retired], cloud_may_be_gone=False)

    def delete_everything(self) -> None:
        """Deletes the whole stack; where the cloud is gone, its resources went with it."""
        self._delete([*self.state.resources.values(), *self.state.retired], cloud_may_be_gone=True)

    def _settle(self, goal: Goal, old: Entry | None) -> Entry:
        with self._failure_of("deployment", goal.type, goal.name):
            provider = self.providers.provider(goal.type, self.config_of(goal.provider, goal.type), goal.secret)
            inputs = provider.prepared(goal.inputs)
            entry = self._entry(goal, inputs, old.generation if old else 0)
            if old is not None:
                for key in goal.ignored & old.inputs.keys():
                    entry.inputs[key] = inputs[key] = old.inputs[key]
        entry.secret_outputs = sorted(goal.secret_outputs | goal.secret)
        found = None
        if old is not None and (old.pending or goal.urn in self._disturbed):
            found = self._found(provider, old)
        if old is None or (old.pending and not found) or (goal.urn in self._disturbed and not found):
            return self._create(provider, entry, inputs, "create")
        changed = changes(old, entry, goal.ignored)
        if must_replace(provider, changed, goal.replacing):
            old.id = found or old.id
            return self._replace(goal, provider, old, entry, inputs, changed)
        if old.pending:
            return self._create(provider, entry, inputs, "create", "found", found=found)
        entry.id, entry.outputs = old.id, old.outputs
        if not changed:
            self._count("same")
            if not self.dry:
                self.state.put(entry)
            return entry
        with self._step("update", entry, ", ".join(changed)):
            if not self.dry:
                known = Known(old.id, old.inputs, old.outputs)
                entry.outputs = {**old.outputs, **provider.update(known, inputs)}
                self.state.put(entry)
        return entry

    def _entry(self, goal: Goal, inputs: Values, generation: int) -> Entry:
        return goal.entry(inputs, automatic_name(self.project, goal.urn, generation), generation)

    def _found(self, provider: Provider, old: Entry) -> str | None:
        """The id of a resource that may not stand: one whose creation was cut off, or one that leaned on another
        that was deleted to be replaced (a schema goes with its database)."""
        with self._failure_of("deployment", old.type, old.label):
            return provider.find(old.name, old.inputs)

    def _create(
        self,
        provider: Provider,
        entry: Entry,
        inputs: Values,
        action: Action,
        detail: str = "",
        *,
        found: str | None = None,
    ) -> Entry:
        with self._step(action, entry, detail):
            if self.dry:
                return entry
            entry.pending = True
            self.state.put(entry)
            if found is None:
                try:
                    entry.id, entry.outputs = provider.create(entry.name, inputs)
                except AlreadyExistsError:
                    found = provider.find(entry.name, inputs)
                    if found is None:
                        raise
            if found is not None:
                self._adopt(provider, entry, found, inputs)
            entry.pending = False
            self.state.put(entry)
        return entry

    def _adopt(self, provider: Provider, entry: Entry, found: str, inputs: Values) -> None:
        """Takes over one that stands: an earlier run made it and could not record it."""
        if provider.updatable:
            nothing_known = Known(found, {}, {})
            entry.id, entry.outputs = found, provider.update(nothing_known, inputs)
        else:
            provider.delete(Known(found, fingerprint(inputs), {}))
            entry.id, entry.outputs = provider.create(entry.name, inputs)

    def _replace(
        self, goal: Goal, provider: Provider, old: Entry, entry: Entry, inputs: Values, changed: list[str]
    ) -> Entry:
        """The new one first and the old one at the end of the run, unless they can not stand beside each other."""
        new = self._entry(goal, inputs, old.generation + 1)
        new.inputs, new.secret_outputs = entry.inputs, entry.secret_outputs
        with self._failure_of("replace", goal.type, goal.name):
            if old.protect:
                raise Problem("it is protected", "remove `protect` from the program first")
        if self.dry:
            return self._create(provider, new, inputs, "replace", ", ".join(changed))
        if goal.delete_before_replace or would_collide(provider, old, new):
            with self._failure_of("replace", goal.type, goal.name):
                provider.delete(Known(old.id, old.inputs, old.outputs))
            with self._lock:
                self._disturbed |= dependents(goal.urn, self.state.resources.values())
        else:
            self.state.retire(old)
        return self._create(provider, new, inputs, "replace", ", ".join(changed))

    def _delete(self, entries: list[Entry], *, cloud_may_be_gone: bool) -> None:
        going = {entry.urn for entry in entries}
        retired = {id(entry) for entry in self.state.retired}
        gone = False
        for entry in deletion_order(entries):
            if self._stopped:
                raise StoppedError
            if entry.protect and id(entry) not in retired:
                with self._failure_of("delete", entry.type, entry.label):
                    raise Problem("it is protected", "remove `protect` from the program and run `make up` first")
            in_cloud = entry.custom and not entry.type.startswith(PROVIDER_TYPE)
            if in_cloud and not entry.retain and entry.deleted_with not in going:
                with self._step("delete", entry, "replaced" if id(entry) in retired else ""):
                    if not self.dry:
                        gone |= not self._removed(entry, cloud_may_be_gone)
            if not self.dry:
                if id(entry) in retired:
                    self.state.bury(entry)
                else:
                    self.state.drop(entry.urn)
        if gone:
            self.say("warning", "the embedded cloud is not running, so its resources were gone already")

    def _removed(self, entry: Entry, cloud_may_be_gone: bool) -> bool:
        """Deletes one resource; False where there was no cloud to delete it from."""
        config = self.config_of(entry.provider, entry.type)
        provider = self.providers.provider(entry.type, config, frozenset(entry.secret_inputs))
        try:
            if entry.pending:
                found = provider.find(entry.name, entry.inputs)
                if found is None:
                    return True
                entry.id = found
            provider.delete(Known(entry.id, entry.inputs, entry.outputs))
        except CloudGoneError:
            if not cloud_may_be_gone:
                raise
            return False
        return True

    @contextmanager
    def _step(self, action: Action, entry: Entry, detail: str) -> Iterator[None]:
        """Tells the reporter of a step; an error within it names the resource."""
        with self._lock:
            self._report.step(action, entry.type, entry.label, detail)
        begun = time.monotonic()
        with self._failure_of(action, entry.type, entry.label):
            yield
        self._count(action)
        if not self.dry:
            with self._lock:
                self._report.done(action, entry.type, entry.label, time.monotonic() - begun)

    @contextmanager
    def _failure_of(self, action: str, type: str, name: str) -> Iterator[None]:
        try:
            yield
        except Exception as problem:
            cause = f"{action} of {type} '{name}' failed: "
            if isinstance(problem, Problem):
                raise self._failed(Problem(cause + problem.cause, problem.cure)) from problem
            raise self._failed(Problem(cause + _text(problem), KEPT)) from problem

    def _failed(self, problem: Problem) -> Problem:
        with self._lock:
            self._stopped = True
            self.failure = self.failure or problem
        return problem

    def _count(self, action: Action) -> None:
        with self._lock:
            self.counts[action] += 1


def _text(problem: Exception) -> Any:
    """One line; a KeyError's own text is only the key."""
    text = " ".join(str(problem).split()) or type(problem).__name__
    return f"no {text}" if isinstance(problem, KeyError) else text.rstrip(".")
