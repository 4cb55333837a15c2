"""What a report says, and how effects on several views become one."""

from pydantic import BaseModel

from sottovoce.protections.report import Effect, Report


class Behind(BaseModel):
    drop: list[float]


class Quiet(Effect):
    """By how much something got quieter."""

    name: str
    drops: list[float]
    behind: dict[str, Behind]

    def lines(self) -> list[str]:
        return [f"{min(self.drops)} dB{self.where(self.drops.index(min(self.drops)))}"]


def quiet(drop: float) -> Quiet:
    return Quiet(name="x", drops=[drop], behind={"a": Behind(drop=[drop])}, notes=[])


def test_effects_on_several_views_become_one() -> None:
    merged = Quiet.merged([quiet(3.0), quiet(1.0)]).model_copy(update={"views": ["channel 1", "channel 2"]})
    assert (merged.name, merged.drops, merged.behind["a"].drop) == ("x", [3.0, 1.0], [3.0, 1.0])
    assert merged.lines() == ["1.0 dB (channel 2)"]
    assert Quiet.merged([quiet(3.0)]).model_copy(update={"views": ["channel 1"]}).lines() == ["3.0 dB"]


def test_a_report_says_everything_in_a_line_and_survives_json() -> None:
    effect = quiet(2.0).model_copy(update={"views": ["channel 1"], "notes": ["the target is shorter"]})
    report = Report(
        protection="quiet", identity={}, source="a.wav", target="b.wav", seconds=1.0, snr=float("inf"), effect=effect,
        companion_bytes=10, encrypted_original_bytes=20, notes=["not kept: cover"],
    )  # fmt: skip
    assert report.line() == (
        "a.wav → b.wav: SNR inf dB; 2.0 dB; companion 10 bytes (the original itself, encrypted: 20); "
        "the target is shorter; not kept: cover"
    )
    assert '"snr":"Infinity"' in report.model_dump_json() and '"drops":[2.0]' in report.model_dump_json()
