"""The code in docs/adding-an-application.md, put into a copy of the project as the page says."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).parents[2]
PAGE = PROJECT / "docs" / "adding-an-application.md"
COPIED = ("embedded", "headrace", "infrastructure", "lambdas", "Pulumi.yaml", "Pulumi.local.yaml", "pyproject.toml")

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$|^`([^`\n]+\.\w+)`$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A block of code. path: of the file it belongs to, as the line before it says."""

    language: str
    path: str
    text: str


def blocks() -> Iterator[Block]:
    path = ""
    for language, text, named in BLOCK.findall(PAGE.read_text()):
        if named:
            path = named
        else:
            yield Block(language, path, text)


def lines_of_code() -> int:
    """Of the function and the program, docstrings counted and empty lines not."""
    written = [line for block in blocks() if block.language == "python" for line in block.text.splitlines()]
    added = [
        line[1:]
        for block in blocks()
        if block.language == "diff"
        for line in block.text.splitlines()
        if line[:1] == "+"
    ]
    return len([line for line in written + added if line.strip()])


def project_with_it(folder: Path) -> Path:
    """A copy of the project in the folder, with the application added."""
    for name in COPIED:
        if (PROJECT / name).is_dir():
            shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(PROJECT / name, folder / name)
    (PROJECT / ".cache").mkdir(exist_ok=True)
    (folder / ".cache").symlink_to(PROJECT / ".cache")
    for block in blocks():
        file = folder / block.path
        if block.language == "python":
            file.parent.mkdir(exist_ok=True)
            file.write_text(block.text)
        elif block.language == "diff":
            file.write_text(changed(file.read_text(), block.text))
        elif block.text.startswith("cp "):
            subprocess.run(["bash", "-e", "-c", block.text], cwd=folder, check=True)
    return folder


def changed(content: str, difference: str) -> str:
    """The content with the lines that the difference adds. Its other lines must stand there together, once."""
    lines = difference.splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if line[0] == " ")
    after = "".join(line[1:] for line in lines)
    assert content.count(before) == 1, before
    return content.replace(before, after)
