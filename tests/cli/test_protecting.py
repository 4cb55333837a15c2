"""What is done to each file."""

import json
import math
import pickle
from functools import partial

from sottovoce.cli.protecting import Protecting
from sottovoce.protections.keyword import Keyword
from sottovoce.reversible.keys import Key


def test_it_can_be_sent_to_another_process_and_gives_the_same_file(tmp_path, sound) -> None:
    source, shares = sound(seconds=0.5), []
    protecting = Protecting(partial(Keyword, "right"), tmp_path, secret=Key(bytes(32)))
    sent = pickle.loads(pickle.dumps(protecting))()
    outcome = sent(source, tmp_path / "a.wav", shares.append)
    protecting()(source, tmp_path / "b.wav", shares.append)
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()
    assert outcome.status == "protected" and outcome.seconds == 0.5 and outcome.snr > 10 and shares[-1] == 1.0


def test_the_figures_of_what_was_done_before_come_from_its_report(tmp_path, sound) -> None:
    source, target, report = sound(seconds=0.5), tmp_path / "out" / "a.wav", tmp_path / "report"
    target.parent.mkdir()
    step = Protecting(partial(Keyword, "right"), target.parent, report=report)()
    done, again = (step(source, target, lambda share: None) for _ in range(2))
    assert (done.status, again.status) == ("protected", "done before")
    assert (again.snr, again.seconds) == (done.snr, done.seconds)
    written = report / "a.wav.report.json"
    written.write_text(json.dumps({"snr": 1}))
    assert math.isnan(step(source, target, lambda share: None).snr)
