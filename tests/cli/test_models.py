"""Cards on the terminal."""

import json


def test_a_card_is_printed_and_an_unknown_model_is_an_error(run, tiny):
    assert json.loads(run("models", "info", tiny)[1])["architecture"] == "segan"
    assert run("models", "list")[0] == 0
    code, _, err = run("models", "info", "nobody")
    assert code == 2 and err.startswith("sottovoce: no model 'nobody'")
