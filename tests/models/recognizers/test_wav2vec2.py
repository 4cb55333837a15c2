"""wav2vec 2.0 through transformers, on tiny networks with random weights in the layout of a published checkpoint."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from sottovoce.attacks import CarliniWagner
from sottovoce.audio.batch import pad
from sottovoce.models.chain import Chain
from sottovoce.models.recognizers import Wav2Vec2, load_recognizer
from sottovoce.protections.base import protect_file
from sottovoce.protections.words import Words
from sottovoce.threats import Transcribe
from sottovoce.weights.fingerprint import fingerprint

transformers = pytest.importorskip("transformers")
CHARACTERS = ["<pad>", "<s>", "</s>", "<unk>", "|", *"ABCDEFGH'"]


@pytest.fixture(scope="module", params=["group", "layer"])
def checkpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kinds of the base models (statistics over time) and of the large ones (none)."""
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "vocab.json").write_text(json.dumps({character: i for i, character in enumerate(CHARACTERS)}))
    config = transformers.Wav2Vec2Config(
        vocab_size=len(CHARACTERS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        conv_dim=[8] * 7,
        num_conv_pos_embeddings=8,
        num_conv_pos_embedding_groups=2,
        feat_extract_norm=request.param,
        do_stable_layer_norm=request.param == "layer",
        initializer_range=1.0,
    )
    torch.manual_seed(0)
    transformers.Wav2Vec2ForCTC(config).save_pretrained(folder)
    tokenizer = transformers.Wav2Vec2CTCTokenizer(folder / "vocab.json")
    extractor = transformers.Wav2Vec2FeatureExtractor(return_attention_mask=request.param == "layer")
    transformers.Wav2Vec2Processor(extractor, tokenizer).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def recognizer(checkpoint: Path) -> Wav2Vec2:
    return Wav2Vec2(str(checkpoint))


def noise(*sizes: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(2)
    return [0.3 * torch.randn(size, generator=generator) + 0.05 for size in sizes]


def test_logits_are_those_of_transformers_on_its_own_features(checkpoint: Path, recognizer: Wav2Vec2) -> None:
    (row,) = noise(5000)
    model = transformers.Wav2Vec2ForCTC.from_pretrained(checkpoint)
    processor = transformers.Wav2Vec2Processor.from_pretrained(checkpoint)
    theirs = model(**processor(row.numpy(), sampling_rate=16_000, return_tensors="pt")).logits
    torch.testing.assert_close(recognizer.logits(row[None]), theirs, atol=1e-4, rtol=1e-4)
    assert recognizer.transcribe(row[None]) == processor.batch_decode(theirs.argmax(-1), skip_special_tokens=True)


@pytest.mark.parametrize("precision", [torch.float16, torch.bfloat16])
def test_a_checkpoint_in_half_precision_runs_in_single(
    checkpoint: Path, precision: torch.dtype, tmp_path: Path
) -> None:
    half = transformers.Wav2Vec2ForCTC.from_pretrained(checkpoint, dtype=precision)
    half.save_pretrained(tmp_path)
    transformers.Wav2Vec2Processor.from_pretrained(checkpoint).save_pretrained(tmp_path)
    recognizer, whole = Wav2Vec2(str(tmp_path)), Wav2Vec2(str(checkpoint))
    assert {parameter.dtype for parameter in recognizer.parameters()} == {torch.float32}
    whole.model.load_state_dict(half.float().state_dict())  # the rounded weights
    waveforms, lengths = pad(noise(5000, 3001))
    torch.testing.assert_close(recognizer.logits(waveforms, lengths), whole.logits(waveforms, lengths))
    assert recognizer.transcribe(waveforms, lengths) == whole.transcribe(waveforms, lengths)


def test_a_padded_batch_gives_what_its_rows_give_one_by_one(recognizer: Wav2Vec2) -> None:
    rows = noise(5000, 3001, 100, 5000, 0)
    waveforms, lengths = pad(rows)
    waveforms = waveforms + (torch.arange(5000) >= lengths[:, None])  # what lies in the padding must not matter
    logits, frames = recognizer(waveforms, lengths), recognizer.frames(lengths)
    assert frames.tolist() == [15, 9, 0, 15, 0]
    for row, found, count in zip(rows, logits, frames.tolist(), strict=True):
        if count:
            torch.testing.assert_close(found[:count], recognizer.logits(row[None])[0], atol=1e-4, rtol=1e-4)
        assert not found[count:].any()
    alone = [recognizer.transcribe(row[None])[0] for row in rows]
    assert recognizer.transcribe(waveforms, lengths) == alone
    assert alone[2] == alone[4] == "" and len(set(alone)) == 4


def test_the_gradient_is_the_slope_and_zero_in_the_padding(recognizer: Wav2Vec2) -> None:
    waveforms, lengths = pad(noise(2000, 1200))
    waveforms.requires_grad_()
    (gradient,) = torch.autograd.grad(recognizer.logits(waveforms, lengths).square().sum(), waveforms)
    assert not gradient[1, 1200:].any()
    exact = recognizer.double()
    try:
        point = waveforms.detach().double()
        direction = gradient.double() / gradient.norm()
        losses = [exact.logits(point + s * 1e-5 * direction, lengths).square().sum() for s in (-1, 1)]
        assert ((losses[1] - losses[0]) / 2e-5).item() == pytest.approx(gradient.norm().item(), rel=1e-2)
    finally:
        recognizer.float()


@given(size=st.integers(400, 4000))
def test_frames_counts_the_frames(recognizer: Wav2Vec2, size: int) -> None:
    assert recognizer.logits(torch.ones(1, size)).shape[1] == recognizer.frames(torch.tensor([size])).item()


def test_it_can_be_attacked(recognizer: Wav2Vec2) -> None:
    waveforms, lengths = pad(noise(6000, 5000))
    waveforms = waveforms.clamp(-1.0, 1.0)
    objective = Transcribe(["BAD CAGE"], recognizer)
    objective.check(lengths)
    result = CarliniWagner(steps=60, lr=0.01)(recognizer, waveforms, objective, lengths=lengths)
    before = objective.loss(recognizer(waveforms, lengths), waveforms, lengths)
    after = objective.loss(recognizer(result.adversarial, lengths), waveforms, lengths)
    assert (after < 0.8 * before).all()


def test_a_blank_at_another_place_comes_first(checkpoint: Path, tmp_path: Path) -> None:
    shutil.copytree(checkpoint, tmp_path / "other")
    config = json.loads((tmp_path / "other" / "config.json").read_text())
    (tmp_path / "other" / "config.json").write_text(json.dumps(config | {"pad_token_id": 5}))
    usual, other = Wav2Vec2(str(checkpoint)), Wav2Vec2(str(tmp_path / "other"))
    (row,) = noise(5000)
    torch.testing.assert_close(other.logits(row[None])[..., 0], usual.logits(row[None])[..., 5])
    assert usual.alphabet == ("", "", "", "", " ", *"ABCDEFGH'")


def test_its_folder_is_a_recogniser_that_files_are_protected_from(checkpoint: Path, tmp_path: Path) -> None:
    samples = 0.1 * torch.randn(16_000, generator=torch.Generator().manual_seed(0)).numpy()
    soundfile.write(tmp_path / "in.wav", samples, 16_000, subtype="FLOAT")
    report = protect_file(tmp_path / "in.wav", tmp_path / "out.wav", Words([str(checkpoint)], snr=10.0))
    before, after = (soundfile.read(tmp_path / name, dtype="float32")[0] for name in ("in.wav", "out.wav"))
    recognizer = load_recognizer(str(checkpoint))
    texts = recognizer.transcribe(torch.from_numpy(np.stack([before, after])))
    assert texts[0] != texts[1] and report.snr >= 10.0


def test_its_fingerprint_is_the_same_wherever_the_folder_lies(checkpoint: Path, tmp_path: Path) -> None:
    shutil.copytree(checkpoint, tmp_path / "elsewhere")
    here, elsewhere = Wav2Vec2(str(checkpoint)), Wav2Vec2(str(tmp_path / "elsewhere"))
    assert fingerprint(here) == fingerprint(elsewhere)
    assert fingerprint(Chain(here)) == fingerprint(Chain(elsewhere))


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("config.json", {"pad_token_id": 5}),
        ("config.json", {"layer_norm_eps": 0.5}),
        ("processor_config.json", {"do_normalize": False}),
        ("vocab.json", {"H": 12, "G": 13}),
    ],
)
def test_other_settings_give_another_fingerprint(
    checkpoint: Path, tmp_path: Path, file: str, change: dict[str, object]
) -> None:
    shutil.copytree(checkpoint, tmp_path / "other")
    settings = json.loads((tmp_path / "other" / file).read_text())
    part = settings.get("feature_extractor", settings)
    part.update(change)
    (tmp_path / "other" / file).write_text(json.dumps(settings))
    (tmp_path / "other" / "tokenizer.json").unlink(missing_ok=True)
    assert fingerprint(Wav2Vec2(str(tmp_path / "other"))) != fingerprint(Wav2Vec2(str(checkpoint)))
