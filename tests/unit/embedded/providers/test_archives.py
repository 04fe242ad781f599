import io
import os
import zipfile
from pathlib import Path

import pulumi
import pytest

from embedded.providers.archives import archive_bytes, digest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "code" / "sub" / "__pycache__").mkdir(parents=True)
    (tmp_path / "code" / "b.py").write_text("b")
    (tmp_path / "code" / "sub" / "a.py").write_text("a")
    (tmp_path / "code" / "sub" / "__pycache__" / "a.pyc").write_text("machine's own")
    return tmp_path / "code"


def names(data: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(data)).namelist()


def test_a_folder_becomes_a_zip_without_the_machines_own_files(folder):
    assert names(archive_bytes(pulumi.FileArchive(str(folder)))) == ["b.py", "sub/a.py"]


def test_the_same_content_gives_the_same_bytes_whenever_it_was_written(folder):
    before = archive_bytes(pulumi.FileArchive(str(folder)))
    os.utime(folder / "b.py", (0, 0))
    assert archive_bytes(pulumi.FileArchive(str(folder))) == before
    (folder / "b.py").write_text("c")
    assert archive_bytes(pulumi.FileArchive(str(folder))) != before


def test_a_zip_is_taken_as_it_is(tmp_path, folder):
    path = tmp_path / "made.zip"
    path.write_bytes(archive_bytes(pulumi.FileArchive(str(folder))))
    assert archive_bytes(pulumi.FileArchive(str(path))) == path.read_bytes()


def test_parts_are_packed_under_their_names(folder):
    archive = pulumi.AssetArchive(
        {
            "main.py": pulumi.StringAsset("x"),
            "lib": pulumi.FileArchive(str(folder)),
            "c": pulumi.FileAsset(str(folder / "b.py")),
        }
    )
    assert names(archive_bytes(archive)) == ["c", "lib/b.py", "lib/sub/a.py", "main.py"]


def test_what_would_have_to_be_fetched_is_an_error():
    with pytest.raises(ValueError, match="RemoteArchive"):
        digest(pulumi.RemoteArchive("https://example.com/x.zip"))
