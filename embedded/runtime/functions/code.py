"""A function's code on this machine: unpacked once, for all its workers."""

import base64
import hashlib
import io
import shutil
import tempfile
import urllib.request
import zipfile
from pathlib import Path

from embedded.runtime.functions.definition import Function

SECONDS = 30.0


def unpacked(function: Function, folder: Path) -> Path:
    """The folder below `folder` that holds the function's code. Raises OSError where it can not be fetched."""
    wanted = folder / base64.b64decode(function.code).hex()
    if wanted.exists():
        return wanted
    with urllib.request.urlopen(function.code_url, timeout=SECONDS) as answer:  # noqa: S310 - the emulator's own URL
        archive = answer.read()
    if base64.b64encode(hashlib.sha256(archive).digest()).decode() != function.code:
        raise OSError(f"the code of {function.name} changed while it was fetched")
    folder.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(dir=folder))
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as packed:
            packed.extractall(new)
        new.rename(wanted)
    except OSError:
        if not wanted.exists():  # else it was unpacked for another worker meanwhile
            raise
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return wanted
