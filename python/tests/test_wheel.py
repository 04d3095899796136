"""The wheel that `build-wheel.sh` makes for Linux: small, and what its RECORD says."""

import base64
import csv
import hashlib
import pathlib
import sys
import zipfile

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux wheels carry libraries")


@pytest.fixture
def wheel():
    [path] = (pathlib.Path(__file__).resolve().parents[1] / "dist").glob("*.whl")
    return path


def test_the_wheel_is_small(wheel):
    assert wheel.stat().st_size <= 5_000_000


def test_the_record_names_every_file_and_its_hash(wheel):
    with zipfile.ZipFile(wheel) as archive:
        [record] = [name for name in archive.namelist() if name.endswith(".dist-info/RECORD")]
        rows = {name: (digest, size) for name, digest, size in csv.reader(archive.read(record).decode().splitlines())}
        files = {name for name in archive.namelist() if not name.endswith("/")}
        assert set(rows) == files and len(files) > 40
        for name in files - {record}:
            content = archive.read(name)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            assert rows[name] == (f"sha256={digest}", str(len(content)))


def test_the_wheel_is_compressed_as_every_installer_reads_it(wheel):
    with zipfile.ZipFile(wheel) as archive:
        assert {member.compress_type for member in archive.infolist()} <= {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
