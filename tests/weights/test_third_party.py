"""Where files of others lie, and what is said if they do not."""

import sys
from pathlib import Path

import pytest

from sottovoce.errors import SottovoceError
from sottovoce.weights.third_party import check_package, fetched_folder, package_file


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package that cannot be imported, with a file."""
    folder = tmp_path / "not_to_be_imported"
    (folder / "weights").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise RuntimeError('imported')", encoding="utf-8")
    (folder / "weights" / "a.bin").write_bytes(b"a")
    monkeypatch.syspath_prepend(tmp_path)
    return folder.name


def test_a_file_of_a_package_is_found_without_an_import(package: str) -> None:
    path = package_file(package, "weights/a.bin", listener="ears")
    assert path.read_bytes() == b"a"
    check_package(package, listener="ears")
    assert package not in sys.modules


def test_a_package_that_is_not_there_names_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(SottovoceError) as caught:
        package_file("nobody_has_this", "a.bin", listener="ears")
    assert str(caught.value) == "ears: not installed; pip install 'sottovoce[listeners]' brings it"
    with pytest.raises(SottovoceError) as caught:
        check_package("nobody_has_this", listener="ears")
    assert str(caught.value) == "ears: needs the package nobody_has_this; pip install 'sottovoce[listeners]' brings it"


def test_what_an_uninstalled_package_left_is_no_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "left_behind").mkdir()
    (tmp_path / "left_behind" / "a.bin").write_bytes(b"a")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(SottovoceError, match="not installed"):
        package_file("left_behind", "a.bin", listener="ears")
    with pytest.raises(SottovoceError, match="needs the package left_behind"):
        check_package("left_behind", listener="ears")


def test_a_package_without_the_file(package: str) -> None:
    with pytest.raises(SottovoceError, match=r"b\.bin is missing; install the package not_to_be_imported again"):
        package_file(package, "weights/b.bin", listener="ears")


def test_a_fetched_folder_is_in_the_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOTTOVOCE_CACHE", str(tmp_path))
    with pytest.raises(SottovoceError) as caught:
        fetched_folder("ears")
    assert str(caught.value) == "ears: not on this machine; sottovoce models fetch ears brings it"
    (tmp_path / "ears").mkdir()
    assert fetched_folder("ears") == tmp_path / "ears"
