"""Where a secret comes from."""

import pytest

from sottovoce.cli.secret import secret_from
from sottovoce.errors import SottovoceError
from sottovoce.reversible.keys import Passphrase, keygen


@pytest.fixture
def typed(monkeypatch):
    """Answers the prompt; keeps what it was asked with."""
    asked = list[dict[str, object]]()

    def answer(text):
        def prompt(*_, **options):
            asked.append(options)
            return text

        monkeypatch.setattr("typer.prompt", prompt)
        return asked

    return answer


def test_a_key_file_is_read(tmp_path) -> None:
    key = keygen(tmp_path / "a.key")
    assert secret_from(tmp_path / "a.key", False, new=True) == key
    assert secret_from(None, False, new=True) is None
    with pytest.raises(SottovoceError, match="not both"):
        secret_from(tmp_path / "a.key", True, new=True)


def test_a_passphrase_is_asked_for_unseen_and_twice_if_it_is_new(typed) -> None:
    asked = typed("correct horse")
    for new in (True, False):
        assert secret_from(None, True, new=new) == Passphrase("correct horse")
    assert [options["confirmation_prompt"] for options in asked] == [True, False]
    assert all(options["hide_input"] for options in asked)
    typed("")
    with pytest.raises(SottovoceError, match="passphrase is empty"):
        secret_from(None, True, new=True)
