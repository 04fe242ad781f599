import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import requires
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from infrastructure import packaging
from infrastructure.packaging import Platform, build, functions

HOST, CLOUD = Platform("host"), Platform()


@pytest.fixture(scope="module")
def only_boto3(tmp_path_factory) -> Path:
    """A folder with boto3 and what it needs, and nothing else: what Lambda itself brings."""
    folder = tmp_path_factory.mktemp("boto3")
    waiting, done = ["boto3"], set()
    while waiting:
        name = waiting.pop()
        if name in done:
            continue
        done.add(name)
        waiting += [r.name for r in map(Requirement, requires(name) or []) if r.marker is None]
    for name in done:
        module = {"python-dateutil": "dateutil"}.get(name, name)
        origin = Path(str(find_spec(module).origin))
        source = origin.parent if origin.name == "__init__.py" else origin
        (folder / source.name).symlink_to(source)
    return folder


def handlers(function: str) -> list[str]:
    """The modules of a package that Lambda calls."""
    sources = (packaging.FUNCTIONS_FOLDER / function).glob("*.py")
    found = [source.stem for source in sources if "\ndef handler(" in source.read_text()]
    assert found
    return found


@pytest.mark.parametrize("function", functions())
def test_a_handler_imports_from_its_package_alone(function, only_boto3, tmp_path):
    """The emulator's workers see this whole environment, so they would hide a dependency the package lacks."""
    with zipfile.ZipFile(build(function, HOST)) as package:  # Lambda unpacks it too: no native module loads from a zip
        package.extractall(tmp_path)
    script = (
        f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(only_boto3)!r}]\n"
        f"from importlib import import_module\n"
        f"assert all(callable(import_module(f'{function}.{{name}}').handler) for name in {handlers(function)!r})\n"
        "print(*sorted({(getattr(m, '__file__', '') or '') for m in sys.modules.values()}), sep='\\n')"
    )
    environment = {
        "AWS_DEFAULT_REGION": "us-east-1",
        "EVENTS_STREAM": "events",
        "BAD_DELIVERY_STREAM": "bad",
        "BUCKET": "lake",
        "POWERTOOLS_SERVICE_NAME": function,
        "POWERTOOLS_METRICS_NAMESPACE": "Headrace",
    }
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert "site-packages" not in run.stdout


@pytest.mark.parametrize("function", functions())
@pytest.mark.parametrize("platform", [HOST, CLOUD], ids=lambda platform: platform.name)
def test_a_package_holds_its_code_the_shared_code_and_its_dependencies_only(function, platform):
    with zipfile.ZipFile(build(function, platform)) as archive:
        roots = {name.partition("/")[0] for name in archive.namelist()}
    assert {function, "shared"} <= roots
    assert not roots & (set(functions()) - {function})
    assert not roots & {"boto3", "botocore", "tests", "infrastructure", "embedded", "headrace"}


def test_the_cloud_package_has_no_code_of_this_machine():
    foreign = f"x86_64-linux-gnu.so cpython-3{sys.version_info.minor}".split()
    with zipfile.ZipFile(build("collect", CLOUD)) as archive:
        binaries = [name for name in archive.namelist() if name.endswith(".so")]
    assert not [name for name in binaries if any(mark in name for mark in foreign)]


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """A copy of the functions, and a cache of its own."""
    shutil.copytree(packaging.FUNCTIONS_FOLDER, tmp_path / "lambdas")
    built = packaging.dependencies("collect", HOST)
    monkeypatch.setattr(packaging, "FUNCTIONS_FOLDER", tmp_path / "lambdas")
    monkeypatch.setattr(packaging, "CACHE_FOLDER", tmp_path / "cache")
    shutil.copytree(built, tmp_path / "cache" / "host" / built.name)
    return tmp_path


def test_the_same_content_gives_the_same_bytes(project):
    first = build("collect", HOST)
    original = first.read_bytes()
    first.unlink()
    for path in (project / "lambdas").rglob("*.py"):
        path.touch()
    (project / "lambdas" / "collect" / "__pycache__").mkdir(exist_ok=True)
    (project / "lambdas" / "collect" / "__pycache__" / "handler.cpython-311.pyc").write_bytes(b"stale")
    second = build("collect", HOST)
    assert second == first
    assert second.read_bytes() == original


def test_a_changed_line_gives_another_package(project):
    before = build("collect", HOST)
    handler = project / "lambdas" / "collect" / "handler.py"
    handler.write_text(handler.read_text() + "\n# changed\n")
    assert build("collect", HOST) != before


def test_an_unknown_function_is_named():
    with pytest.raises(FileNotFoundError, match=r"lambdas/colect/requirements.txt"):
        build("colect", HOST)


def test_a_lock_that_can_not_be_installed_says_why(project):
    lock = project / "lambdas" / "collect" / "requirements.txt"
    lock.write_text("no-such-distribution-anywhere==1.0 --hash=sha256:" + "0" * 64)
    offline = pytest.MonkeyPatch()
    offline.setenv("UV_OFFLINE", "1")
    with pytest.raises(RuntimeError, match="the dependencies of collect can not be installed"):
        build("collect", HOST)
    offline.undo()
