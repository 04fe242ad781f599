"""Builds each function's deployment package: its own code, `shared`, and its locked dependencies for its platform.

The same content gives the same bytes on every machine, so that a second `up` changes nothing: files are sorted, carry
one date and one mode, and are stored without compression, whose output differs between versions of zlib.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from uv import find_uv_bin

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
FUNCTIONS_FOLDER = PROJECT_FOLDER / "lambdas"
CACHE_FOLDER = PROJECT_FOLDER / ".cache" / "packages"

ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold
# Left out: what differs from build to build (RECORD names scripts and their hashes), and what no function runs.
LEFT_OUT_NAMES = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", ".lock", "py.typed"})
LEFT_OUT_FOLDERS = frozenset({"__pycache__", "bin", "tests"})
LEFT_OUT_SUFFIXES = frozenset({".pyc", ".pyi", ".in", ".md"})


@dataclass(frozen=True)
class Platform:
    """What a package is built for: a platform tag of wheels, or `host` for this machine and its Python."""

    platform: str = "aarch64-manylinux2014"
    python: str = "3.13"

    @property
    def name(self) -> str:
        """A folder name."""
        return "host" if self.platform == "host" else f"{self.platform}-python{self.python}"

    def uv_options(self) -> list[str]:
        if self.platform == "host":
            return ["--python", sys.executable]
        return ["--python-platform", self.platform, "--python-version", self.python, "--only-binary", ":all:"]


def functions() -> list[str]:
    """The names of all packages: the folders of `lambdas/` that have dependencies of their own."""
    return sorted(path.parent.name for path in FUNCTIONS_FOLDER.glob("*/requirements.txt"))


def build(function: str, platform: Platform) -> Path:
    """The path of a function's zip, built where it does not exist yet for this content.

    Raises FileNotFoundError for an unknown function, RuntimeError with uv's words when dependencies can not be had.
    """
    if function not in functions():
        raise FileNotFoundError(f"lambdas/{function}/requirements.txt does not exist")
    contents = sorted([*own_files(function), *files_below(dependencies(function, platform))])
    digest = hashlib.sha256()
    for name, path in contents:
        digest.update(f"{name}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    target = CACHE_FOLDER / platform.name / f"{function}-{digest.hexdigest()[:16]}.zip"
    if not target.exists():
        write_zip(contents, target)
    return target


def own_files(function: str) -> Iterator[tuple[str, Path]]:
    """The function's code and the shared code, named as the zip has them."""
    for folder in (function, "shared"):
        for name, path in files_below(FUNCTIONS_FOLDER / folder):
            # A schema registry's files are named by their version alone, as in Iglu: jsonschema/1-0-0.
            if path.suffix in (".py", ".json") or path.parent.name == "jsonschema":
                yield f"{folder}/{name}", path


def files_below(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in folder.rglob("*"):
        relative = path.relative_to(folder)
        if (
            path.is_file()
            and path.name not in LEFT_OUT_NAMES
            and path.suffix not in LEFT_OUT_SUFFIXES
            and not LEFT_OUT_FOLDERS.intersection(relative.parts[:-1])
        ):
            yield relative.as_posix(), path


def dependencies(function: str, platform: Platform) -> Path:
    """The folder of a function's installed dependencies, from its hashed lock; functions of one lock share it."""
    lock = FUNCTIONS_FOLDER / function / "requirements.txt"
    key = hashlib.sha256(lock.read_bytes() + "-".join(platform.uv_options()).encode()).hexdigest()[:16]
    target = CACHE_FOLDER / platform.name / f"dependencies-{key}"
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=target.parent))
    command = [find_uv_bin(), "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--link-mode", "copy"]
    installed = subprocess.run(
        [*command, *platform.uv_options(), "--target", str(scratch), "--requirement", str(lock)],
        capture_output=True,
        text=True,
        check=False,
    )
    if installed.returncode:
        shutil.rmtree(scratch)
        raise RuntimeError(f"the dependencies of {function} can not be installed: {installed.stderr.strip()}")
    try:
        scratch.rename(target)
    except OSError:  # another process was first
        shutil.rmtree(scratch)
    return target


def write_zip(contents: list[tuple[str, Path]], target: Path) -> None:
    """Writes the zip beside its place and moves it there, so that nobody ever reads half of one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, path in contents:
            entry = zipfile.ZipInfo(name, ZIP_EPOCH)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3  # Unix, whatever built it
            archive.writestr(entry, path.read_bytes())
    Path(scratch).replace(target)


def build_all() -> None:
    """Builds every function for this machine and for the cloud, so that later runs need no network."""
    for platform in (Platform("host"), Platform()):
        for function in functions():
            build(function, platform)


if __name__ == "__main__":
    build_all()
