"""Secrets as chosen on the page, and the way back with them."""

import pytest

from sottovoce.errors import SottovoceError
from sottovoce.protections.base import protect_file
from sottovoce.reversible.companion import companion_path
from sottovoce.reversible.keys import Passphrase, load_key
from sottovoce.web import way_back
from sottovoce.web.restoring import restore
from sottovoce.web.uploads import Upload


def chosen(way, folder, key=None, passphrase="", again=""):
    return way_back.chosen(way, folder, key=key, passphrase=passphrase, again=again)


def test_a_page_gets_one_key_however_often_it_protects(tmp_path) -> None:
    assert not way_back.new_key(tmp_path).exists()
    first = chosen(way_back.NEW_KEY, tmp_path)
    assert chosen(way_back.NEW_KEY, tmp_path) == first == load_key(way_back.new_key(tmp_path))[0]


def test_what_is_missing_or_differs_is_told(tmp_path) -> None:
    assert chosen(way_back.NONE, tmp_path) is None
    assert chosen(way_back.PASSPHRASE, tmp_path, passphrase="käse", again="käse") == Passphrase("käse")
    with pytest.raises(SottovoceError, match="differ"):
        chosen(way_back.PASSPHRASE, tmp_path, passphrase="käse", again="kase")
    with pytest.raises(SottovoceError, match="empty"):
        chosen(way_back.PASSPHRASE, tmp_path)
    with pytest.raises(SottovoceError, match="no key file yet"):
        chosen(way_back.OWN_KEY, tmp_path)


def test_the_original_comes_back_in_its_own_format(soft, sound, tmp_path) -> None:
    original, target = sound("a.aiff"), tmp_path / "b.wav"
    secret = Passphrase("a long one")
    protect_file(original, target, soft, secret=secret)
    folder = tmp_path / "work"
    folder.mkdir()
    uploads = Upload("b.wav", target), Upload("b.veil", companion_path(target))
    path, told = restore(*uploads, secret, folder)
    assert path.name == "restored.aiff" and path.read_bytes() == original.read_bytes() and "to the byte" in told
    with pytest.raises(SottovoceError):
        restore(*uploads, Passphrase("another"), folder)
