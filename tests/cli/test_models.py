"""Cards on the terminal."""

import json

import pytest

from sottovoce import weights


def test_a_card_is_printed_and_an_unknown_model_is_an_error(run, tiny):
    assert json.loads(run("models", "info", tiny)[1])["architecture"] == "segan"
    assert run("models", "list")[0] == 0
    code, _, err = run("models", "info", "nobody")
    assert code == 2 and err.startswith("sottovoce: no model 'nobody'")


@pytest.mark.parametrize("columns", ["40", "400"])
def test_the_list_in_a_pipe_never_cuts_a_name(run, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    out = run("models", "list")[1]
    assert all(f" {card.name} " in out for card in weights.available())
