"""Whisper on tiny networks with random weights in the layout of a published checkpoint, against transformers' own."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from sottovoce.audio.batch import pad
from sottovoce.errors import SottovoceError
from sottovoce.models.recognizers import Wav2Vec2, Whisper
from sottovoce.text.spelling import plain
from tests.whispers import save_tiny

transformers = pytest.importorskip("transformers")


@pytest.fixture(scope="module", params=[False, True], ids=["English", "multilingual"])
def checkpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Writes letters that depend on what it hears."""
    return save_tiny(tmp_path_factory.mktemp("whisper"), multilingual=request.param)


@pytest.fixture(scope="module")
def recognizer(checkpoint: Path) -> Whisper:
    return Whisper(str(checkpoint))


@pytest.fixture(scope="module")
def rows() -> list[Tensor]:
    generator = torch.Generator().manual_seed(1)
    tones = [torch.sin(torch.arange(size) * pitch) for size, pitch in ((16_000, 0.1), (7_001, 0.7), (30_000, 1.9))]
    return [0.5 * tone + 0.1 * torch.randn(len(tone), generator=generator) for tone in tones]


def features(recognizer: Whisper, row: Tensor) -> Tensor:
    found: Tensor = recognizer.processor(row.numpy(), sampling_rate=16_000, return_tensors="pt").input_features
    return found


def test_a_padded_batch_gives_what_its_rows_give_one_by_one(recognizer: Whisper, rows: list[Tensor]) -> None:
    waveforms, lengths = pad([*rows, rows[0][:0]])
    waveforms = waveforms + (torch.arange(waveforms.shape[1]) >= lengths[:, None])  # no matter what the padding holds
    alone = [recognizer.transcribe(row[None])[0] for row in rows]
    assert recognizer.transcribe(waveforms, lengths) == [*alone, ""]
    assert len(set(alone)) > 1 and all(set(text) <= set("ABCDEFGH ") for text in alone)
    texts = ["abba", "b", "a dead cab"]
    together = recognizer.likelihood(waveforms[:3], texts, lengths[:3])
    single = [recognizer.likelihood(row[None], [text])[0] for row, text in zip(rows, texts, strict=True)]
    torch.testing.assert_close(together, torch.stack(single), rtol=1e-4, atol=1e-4)
    states, frames = recognizer(waveforms, lengths), recognizer.frames(lengths)
    assert len(set(frames.tolist())) > 1
    assert not states[1, frames[1] :].any() and states[1, : frames[1]].any(-1).all()


def test_writes_what_generation_writes(checkpoint: Path, recognizer: Whisper, rows: list[Tensor]) -> None:
    like_theirs = Whisper(str(checkpoint), padding=None)
    multilingual = recognizer.model.generation_config.is_multilingual
    language = {"language": "en", "task": "transcribe"} if multilingual else {}
    theirs = [recognizer.model.generate(features(recognizer, row), num_beams=1, **language)[0] for row in rows]
    decoded = [recognizer.processor.decode(each, skip_special_tokens=True).strip() for each in theirs]
    assert like_theirs.written(*pad(rows)) == decoded
    assert like_theirs.transcribe(*pad(rows)) == [plain(text) for text in decoded]
    assert len(set(decoded)) > 1


@pytest.mark.parametrize("text", ["bad", ""])
def test_likelihood_is_that_of_transformers_own_forward_pass(
    checkpoint: Path, recognizer: Whisper, rows: list[Tensor], text: str
) -> None:
    tokenizer, model = recognizer.processor.tokenizer, recognizer.model
    multilingual = model.generation_config.is_multilingual
    before = ["<|en|>", "<|transcribe|>", "<|notimestamps|>"] if multilingual else ["<|notimestamps|>"]
    labels = tokenizer.convert_tokens_to_ids([*before, *(f"Ġ{text}" if text else ""), "<|endoftext|>"])
    expected = []
    for row in rows:
        scores = model(features(recognizer, row), labels=torch.tensor([labels])).logits[0].log_softmax(-1)
        expected.append(sum(scores[place, labels[place]] for place in range(len(before), len(labels))))
    found = Whisper(str(checkpoint), padding=None).likelihood(*pad(rows)[:1], [text] * 3, pad(rows)[1])
    torch.testing.assert_close(found, torch.stack(expected), rtol=1e-4, atol=1e-4)


def test_the_gradient_is_the_slope_and_zero_in_the_padding(checkpoint: Path, rows: list[Tensor]) -> None:
    exact = Whisper(str(checkpoint), dtype=torch.float64).double()
    waveforms, lengths = pad([rows[0][:4000].double(), rows[1][:3000].double()])
    waveforms.requires_grad_()
    (gradient,) = torch.autograd.grad(exact.likelihood(waveforms, ["abba", "dead"], lengths).sum(), waveforms)
    assert not gradient[1, 3000:].any() and gradient.abs().sum(1).all()
    assert not any(parameter.requires_grad for parameter in exact.parameters())
    point, direction = waveforms.detach(), gradient / gradient.norm()
    ahead, behind = (
        exact.likelihood(point + step * direction, ["abba", "dead"], lengths).sum() for step in (1e-6, -1e-6)
    )
    assert ((ahead - behind) / 2e-6).item() == pytest.approx(gradient.norm().item(), rel=1e-3)


def test_capitals_without_small_letters_are_a_sentence(recognizer: Whisper, rows: list[Tensor]) -> None:
    texts = ("ABBA BAD", "Abba bad.", "abba bad", "ABBA BAD!", "Abba bad!")
    likelihoods = [recognizer.likelihood(rows[0][None], [text]).item() for text in texts]
    assert likelihoods[0] == likelihoods[1] != likelihoods[2]
    assert likelihoods[3] == likelihoods[4]


def test_silence_after_a_row_is_rounded_up_to_whole_seconds(checkpoint: Path) -> None:
    recognizer = Whisper(str(checkpoint), padding=2.5)
    lengths = torch.tensor([8_000, 8_001, 470_000])
    assert recognizer.windows(lengths).tolist() == [48_000, 64_000, 480_000]
    assert recognizer.frames(lengths).tolist() == [150, 200, 1500]
    assert Whisper(str(checkpoint), padding=None).windows(lengths).tolist() == [480_000] * 3


@pytest.mark.parametrize("precision", [torch.float16, torch.bfloat16])
def test_a_checkpoint_in_half_precision_runs_in_single(
    checkpoint: Path, rows: list[Tensor], precision: torch.dtype, tmp_path: Path
) -> None:
    half = transformers.WhisperForConditionalGeneration.from_pretrained(checkpoint, dtype=precision)
    half.save_pretrained(tmp_path)
    transformers.WhisperProcessor.from_pretrained(checkpoint).save_pretrained(tmp_path)
    recognizer = Whisper(str(tmp_path))
    assert {parameter.dtype for parameter in recognizer.parameters()} == {torch.float32}
    assert all(recognizer.transcribe(*pad(rows)))


def test_a_lower_precision_can_be_asked_for(checkpoint: Path, recognizer: Whisper, rows: list[Tensor]) -> None:
    coarse = Whisper(str(checkpoint), dtype=torch.bfloat16)
    assert {parameter.dtype for parameter in coarse.parameters()} == {torch.bfloat16}
    assert all(coarse.transcribe(*pad(rows)))
    found, expected = (each.likelihood(*pad(rows)[:1], ["bad"] * 3, pad(rows)[1]) for each in (coarse, recognizer))
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, expected, rtol=0.2, atol=2.0)


def test_writes_what_transformers_own_pipeline_writes(checkpoint: Path, rows: list[Tensor]) -> None:
    pipeline = transformers.pipeline("automatic-speech-recognition", model=str(checkpoint), device="cpu")
    greedy = {"generate_kwargs": {"num_beams": 1}}
    if pipeline.model.generation_config.is_multilingual:
        greedy["generate_kwargs"] |= {"language": "en", "task": "transcribe"}
    theirs = [pipeline({"raw": row.numpy(), "sampling_rate": 16_000}, **greedy)["text"].upper() for row in rows]
    assert Whisper(str(checkpoint), padding=None).transcribe(*pad(rows)) == [plain(text) for text in theirs]


def test_hears_beyond_its_window_of_30_s(recognizer: Whisper, rows: list[Tensor]) -> None:
    first_window = rows[2].repeat(16)
    short, long, other = recognizer.transcribe(
        *pad([rows[1], torch.cat([first_window, rows[0].repeat(15)]), torch.cat([first_window, rows[1].repeat(30)])])
    )
    assert short == recognizer.transcribe(rows[1][None])[0]
    assert long and other and long != other


def test_what_cannot_be_scored_is_said_in_one_line(recognizer: Whisper, rows: list[Tensor]) -> None:
    with pytest.raises(SottovoceError, match="hears 30 s at once; cut the recording"):
        recognizer.likelihood(torch.zeros(1, 480_001), ["a"])
    with pytest.raises(SottovoceError, match=r"'babababababababababa…' has 62 tokens, Whisper writes 1\d; shorten it"):
        recognizer.likelihood(rows[0][None], ["ba" * 30])
    with pytest.raises(ValueError, match="2 texts for 1 rows"):
        recognizer.likelihood(rows[0][None], ["a", "b"])


def test_refuses_another_architecture(checkpoint: Path) -> None:
    with pytest.raises(SottovoceError, match="holds WhisperForConditionalGeneration, not Wav2Vec2ForCTC"):
        Wav2Vec2(str(checkpoint))
