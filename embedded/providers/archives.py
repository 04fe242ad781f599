"""The bytes of a program's assets and archives. The same content always gives the same bytes."""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi

EARLIEST_TIME = (1980, 1, 1, 0, 0, 0)  # the first a zip can hold
MODE = 0o644


def archive_bytes(archive: pulumi.Archive) -> bytes:
    """A zip. A file is taken as it is; a folder or an archive of parts is packed in order of names, without times."""
    if isinstance(archive, pulumi.FileArchive) and Path(archive.path).is_file():
        return Path(archive.path).read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in sorted(_members(archive)):
            entry = zipfile.ZipInfo(name, EARLIEST_TIME)
            entry.external_attr = MODE << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, content)
    return buffer.getvalue()


def asset_bytes(asset: pulumi.Asset) -> bytes:
    match asset:
        case pulumi.StringAsset():
            return asset.text.encode()
        case pulumi.FileAsset():
            return Path(asset.path).read_bytes()
    raise ValueError(f"a {type(asset).__name__} can not be read here: only files and text are")


def digest(content: Any) -> str:
    """What tells one asset or archive from another."""
    data = archive_bytes(content) if isinstance(content, pulumi.Archive) else asset_bytes(content)
    return hashlib.sha256(data).hexdigest()


def _members(archive: pulumi.Archive, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    match archive:
        case pulumi.AssetArchive():
            for name, item in archive.assets.items():
                if isinstance(item, pulumi.Archive):
                    yield from _members(item, f"{prefix}{name}/")
                else:
                    yield prefix + name, asset_bytes(item)
        case pulumi.FileArchive() if Path(archive.path).is_dir():
            root = Path(archive.path)
            for path in root.rglob("*"):
                if path.is_file() and "__pycache__" not in path.parts:
                    yield prefix + path.relative_to(root).as_posix(), path.read_bytes()
        case pulumi.FileArchive():
            with zipfile.ZipFile(archive.path) as packed:
                for name in packed.namelist():
                    yield prefix + name, packed.read(name)
        case _:
            raise ValueError(f"a {type(archive).__name__} can not be read here: only files and folders are")
