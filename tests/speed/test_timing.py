"""Runs that take turns."""

from sottovoce.speed.timing import take_turns


def test_everybody_has_as_many_turns() -> None:
    calls: list[str] = []
    seconds = take_turns({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")})
    assert seconds.keys() == {"a", "b"} and calls == ["a", "b"] * 4
