"""Deploys a Pulumi program without the Pulumi CLI: the program is run in this process and each resource it declares
is made through the cloud's APIs.

What stands is recorded in a state file, so that a second run changes only what changed, an interrupted one goes on,
and `destroy` removes it all. Where the cloud is, the AWS_* environment variables say.
"""

from pathlib import Path

from embedded.engine.deployment import Deployment
from embedded.engine.report import Action, Outcome, Reporter
from embedded.engine.run import run_program, stopping_on_interrupt
from embedded.engine.settings import read_project
from embedded.engine.state import State
from embedded.providers.contract import Providers
from embedded.providers.registry import CloudProviders

__all__ = ["Action", "Outcome", "Reporter", "destroy", "preview", "up"]


def up(folder: Path, stack: str, state: Path, report: Reporter, providers: Providers | None = None) -> Outcome:
    """Deploys the program of a project's folder. Raises Problem where a step fails; what was done is kept.

    `state` is the file of what stands; its key for secrets lies beside it. KeyboardInterrupt ends it between steps.
    """
    return _run(folder, stack, state, report, providers, dry=False)


def preview(folder: Path, stack: str, state: Path, report: Reporter, providers: Providers | None = None) -> Outcome:
    """What `up` would do; changes nothing."""
    return _run(folder, stack, state, report, providers, dry=True)


def destroy(folder: Path, stack: str, state: Path, report: Reporter, providers: Providers | None = None) -> Outcome:
    """Deletes everything the state knows of, then the state itself. With nothing deployed it does nothing."""
    deployment = Deployment(read_project(folder, stack), State(state), providers or CloudProviders(), report, dry=False)
    with stopping_on_interrupt(deployment.stop, deployment.say):
        deployment.delete_everything()
        deployment.state.clear()
    return Outcome(counts=deployment.counts)


def _run(folder: Path, stack: str, state: Path, report: Reporter, providers: Providers | None, *, dry: bool) -> Outcome:
    project = read_project(folder, stack)
    deployment = Deployment(project, State(state), providers or CloudProviders(), report, dry=dry)
    with stopping_on_interrupt(deployment.stop, deployment.say):
        outputs = run_program(deployment)
        deployment.delete_unseen()
    return Outcome(outputs=outputs, counts=deployment.counts)
