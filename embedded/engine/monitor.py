"""The two services a Pulumi program talks to, as plain objects: the SDK takes them in place of connections."""

from collections.abc import Callable
from typing import Any, ClassVar

from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, resource_pb2

from embedded.engine.deployment import Deployment
from embedded.engine.goal import Goal
from embedded.engine.report import SECRET
from embedded.engine.values import Values, fingerprint, holds_unknown, received, sent
from headrace.console import Problem

STACK_TYPE = "pulumi:pulumi:Stack"
FEATURES = [
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
]
REFUSED = {
    "importId": "importing resources",
    "remote": "remote components",
    "transforms": "transforms",
    "state_migrations": "state migrations",
    "replace_with": "replace_with",
}


class Monitor:
    """Pulumi's ResourceMonitor service. Called from several threads; an exception fails the caller's registration."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self.outputs: Values = {}

    def GetDeploymentInfo(self, _request: Any, _context: Any = None) -> resource_pb2.DeploymentInfo:
        project = self._deployment.project
        return resource_pb2.DeploymentInfo(
            project=project.name, stack=project.stack, dryRun=self._deployment.dry, supportedFeatures=FEATURES
        )

    def SupportsFeature(self, _request: Any, _context: Any = None) -> resource_pb2.SupportsFeatureResponse:
        return resource_pb2.SupportsFeatureResponse(hasSupport=False)

    def RegisterPackage(self, request: Any, _context: Any = None) -> resource_pb2.RegisterPackageResponse:
        return resource_pb2.RegisterPackageResponse(ref=f"{request.name}@{request.version}")

    def SignalAndWaitForShutdown(self, _request: Any, _context: Any = None) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def RegisterResource(self, request: Any, _context: Any = None) -> resource_pb2.RegisterResourceResponse:
        urn = self._urn(request)
        if request.type == STACK_TYPE:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        for field, what in REFUSED.items():
            if getattr(request, field):
                raise Problem(
                    f"resource '{request.name}' uses {what}, which the embedded cloud does not know",
                    "write the program without, or deploy it with `pulumi up`",
                )
        inputs, secret = received(request.object)
        entry = self._deployment.register(
            Goal(
                urn=urn,
                type=request.type,
                name=request.name,
                custom=request.custom,
                inputs=inputs,
                secret=secret,
                parent="" if f"::{STACK_TYPE}::" in request.parent else request.parent,
                provider=request.provider,
                dependencies=tuple(request.dependencies),
                deleted_with=request.deletedWith,
                protect=request.protect,
                retain=request.retainOnDelete,
                delete_before_replace=request.deleteBeforeReplace,
                ignored=frozenset(request.ignoreChanges),
                replacing=frozenset(request.replaceOnChanges),
                secret_outputs=frozenset(request.additionalSecretOutputs),
                aliases=tuple(request.aliasURNs),
            )
        )
        return resource_pb2.RegisterResourceResponse(
            urn=urn, id=entry.id, object=sent(entry.outputs, frozenset(entry.secret_outputs))
        )

    def RegisterResourceOutputs(self, request: Any, _context: Any = None) -> empty_pb2.Empty:
        if f"::{STACK_TYPE}::" in request.urn:
            values, secret = received(request.outputs)
            clear = {key: fingerprint(value) for key, value in values.items()}
            self.outputs = {key: SECRET if key in secret else value for key, value in clear.items()}
            if not self._deployment.dry:
                self._deployment.state.publish(clear, secret)
        return empty_pb2.Empty()

    def Invoke(self, request: Any, _context: Any = None) -> resource_pb2.ResourceInvokeResponse:
        arguments, _ = received(request.args)
        if holds_unknown(arguments):
            return resource_pb2.ResourceInvokeResponse(unknown=True)
        config = self._deployment.config_of(request.provider, request.tok)
        result = self._deployment.providers.call(request.tok, config, arguments)
        response = resource_pb2.ResourceInvokeResponse()
        getattr(response, "return").CopyFrom(sent(result, frozenset()))  # a word Python keeps for itself
        return response

    def ReadResource(self, request: Any, _context: Any = None) -> resource_pb2.ReadResourceResponse:
        raise Problem(
            f"the program reads {request.type} '{request.name}', which is not one of its own",
            "name it in the stack's configuration instead: the embedded cloud holds what the program makes",
        )

    def Call(self, request: Any, _context: Any = None) -> Any:
        raise Problem(f"the embedded cloud does not know the method {request.tok}", "write the program without")

    def _urn(self, request: Any) -> str:
        project = self._deployment.project
        parents = "" if not request.parent else request.parent.split("::")[2] + "$"
        parents = "" if parents.startswith(f"{STACK_TYPE}$") else parents
        return f"urn:pulumi:{project.stack}::{project.name}::{parents}{request.type}::{request.name}"


class Log:
    """Pulumi's Engine service, of which a program uses the logging alone."""

    LEVELS: ClassVar = {engine_pb2.INFO: "info", engine_pb2.WARNING: "warning", engine_pb2.ERROR: "error"}

    def __init__(self, say: Callable[[str, str], None]) -> None:
        self._say = say

    def Log(self, request: Any, _context: Any = None) -> empty_pb2.Empty:
        if request.severity in self.LEVELS:
            self._say(self.LEVELS[request.severity], request.message)
        return empty_pb2.Empty()
