"""The project and one stack's configuration, as Pulumi's own files give them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from headrace.console import Problem

AUTONAMING = "pulumi:autonaming"
DEFAULT_NAMING = "${name}-${hex(7)}"  # Pulumi's own


@dataclass(frozen=True, kw_only=True)
class Project:
    """name: the project's; program: the folder of its `__main__.py`; config: the stack's, keys with their namespace,
    values as text (what is not text in the file is JSON), as the SDK takes them; naming: the pattern of automatic
    names (`pulumi:autonaming`)."""

    name: str
    stack: str
    folder: Path
    program: Path
    config: dict[str, str]
    naming: str

    def provider_config(self, package: str) -> dict[str, Any]:
        """The settings of a package's default provider: the SDK sends none for it."""
        prefix = f"{package}:"
        return {key.removeprefix(prefix): value for key, value in self.config.items() if key.startswith(prefix)}


def read_project(folder: Path, stack: str) -> Project:
    """Raises Problem where a file is missing or says something that can not be meant for this target."""
    folder = folder.resolve()
    described = _yaml(folder / "Pulumi.yaml", "this is not a Pulumi project; run from its folder")
    if "name" not in described:
        raise Problem(f"{folder / 'Pulumi.yaml'} names no project", "add a line `name: …`")
    file = folder / f"Pulumi.{stack}.yaml"
    settings = _yaml(file, f"a stack is configured there; copy an example, or name another stack than '{stack}'")
    config: dict[str, Any] = {}
    for key, value in _config(described, folder / "Pulumi.yaml").items():
        shared = value.get("value", value.get("default")) if isinstance(value, dict) else value
        if shared is not None:
            config[_full(key, described["name"])] = shared
    for key, value in _config(settings, file).items():
        _refuse_secure(value, key, file)
        config[_full(key, described["name"])] = value
    naming = config.pop(AUTONAMING, {})
    if naming.keys() - {"pattern"}:
        raise Problem(f"'{AUTONAMING}' is set by more than a pattern", "give `pattern:` alone for an embedded stack")
    program = (folder / described.get("main", ".")).resolve()
    if not (program / "__main__.py").exists():
        raise Problem(f"there is no program at {program / '__main__.py'}", "mend `main:` in Pulumi.yaml")
    return Project(
        name=described["name"],
        stack=stack,
        folder=folder,
        program=program,
        config={key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()},
        naming=naming.get("pattern", DEFAULT_NAMING),
    )


def _full(key: str, project: str) -> str:
    """A key without a namespace is the project's own."""
    return key if ":" in key else f"{project}:{key}"


def _config(content: dict[str, Any], path: Path) -> dict[str, Any]:
    config = content.get("config") or {}
    if not isinstance(config, dict):
        raise Problem(f"{path}: `config:` holds no settings", "write indented `key: value` lines below it")
    return {str(key): value for key, value in config.items()}


class _Loader(yaml.SafeLoader):
    """YAML in which a key stands once, as Pulumi itself reads it; PyYAML would take the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys: set[Any] = set()
        for key_node, _ in node.value:
            if key_node.value in keys:
                raise yaml.constructor.ConstructorError(problem=str(key_node.value), problem_mark=key_node.start_mark)
            keys.add(key_node.value)
        return super().construct_mapping(node, deep)


def _yaml(path: Path, cure: str) -> dict[str, Any]:
    if not path.is_file():
        raise Problem(f"{path} {'is no file' if path.exists() else 'does not exist'}", cure)
    try:
        content = yaml.load(path.read_text("utf-8"), _Loader) or {}  # noqa: S506 - a SafeLoader
    except UnicodeDecodeError:
        raise Problem(f"{path} is not UTF-8", "save it in that encoding") from None
    except yaml.constructor.ConstructorError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else "?"
        raise Problem(f"{path}, line {line}: '{problem.problem}' stands there twice", "keep one of the two") from None
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise Problem(f"{path}{where} is not YAML", "mend the line: indentation and colons matter") from None
    if not isinstance(content, dict):
        raise Problem(f"{path} holds no settings", "write `config:` and indented `key: value` lines")
    return content


def _refuse_secure(value: Any, key: str, file: Path) -> None:
    """An encrypted value can be read only with the stack's passphrase or key service, by Pulumi itself."""
    if isinstance(value, dict):
        if set(value) == {"secure"}:
            raise Problem(
                f"{file.name}: '{key}' is encrypted, and only the Pulumi CLI can read it",
                "give an embedded stack a plain value (it guards nothing), or deploy this stack with `pulumi up`",
            )
        for item in value.values():
            _refuse_secure(item, key, file)
    elif isinstance(value, list):
        for item in value:
            _refuse_secure(item, key, file)
