"""Work on the page ends in what it gives, or in an error beside the control."""

from sottovoce.errors import SottovoceError
from sottovoce.web.events import Kept, followed, options


def ended(session, work):
    list(steps := Kept(followed(session, "a.wav", work)))
    return steps.value


def test_a_result_or_an_error_as_html(session) -> None:
    assert ended(session, lambda meter: 7) == (7, "")

    def fails(meter):
        raise SottovoceError("a.wav: <damaged>")

    found, wrong = ended(session, fails)
    assert found is None and 'role="alert"' in wrong and "&lt;damaged&gt;" in wrong


def test_what_was_cancelled_is_told(session) -> None:
    session.cancelled.set()
    found, wrong = ended(session, lambda meter: meter.begin("listening"))
    assert found is None and "Cancelled." in wrong


def test_choices_are_shown_in_words_and_stand_for_values() -> None:
    assert options({"a": "An A"}) == [("An A", "a")]
