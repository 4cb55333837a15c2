"""Whisper through transformers, on a tiny network with random weights in the layout of a published checkpoint."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from sottovoce.audio.batch import pad
from sottovoce.errors import SottovoceError
from sottovoce.models.recognizers import Wav2Vec2, Whisper

transformers = pytest.importorskip("transformers")
LETTERS = 8


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Writes letters that depend on what it hears."""
    folder = tmp_path_factory.mktemp("whisper")
    tokenizer = transformers.WhisperTokenizer(vocab={"abcdefgh"[i]: i for i in range(LETTERS)}, merges=[])
    specials = ["<|startoftranscript|>", "<|notimestamps|>"]
    tokenizer.add_special_tokens({"additional_special_tokens": specials})
    ids = tokenizer.get_vocab()
    size = ids["<|notimestamps|>"] + 1 + 1501  # every 20 ms up to 30 s
    end = ids["<|endoftext|>"]
    config = transformers.WhisperConfig(
        vocab_size=size,
        num_mel_bins=8,
        d_model=16,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=16,
        decoder_ffn_dim=16,
        max_target_positions=16,
        pad_token_id=end,
        bos_token_id=end,
        eos_token_id=end,
        decoder_start_token_id=ids["<|startoftranscript|>"],
        begin_suppress_tokens=None,
        init_std=1.0,
    )
    torch.manual_seed(0)
    model = transformers.WhisperForConditionalGeneration(config)
    model.generation_config = transformers.GenerationConfig(
        is_multilingual=False,
        no_timestamps_token_id=ids["<|notimestamps|>"],
        suppress_tokens=[ids[special] for special in specials],
        max_length=16,
        pad_token_id=end,
        bos_token_id=end,
        eos_token_id=end,
        decoder_start_token_id=ids["<|startoftranscript|>"],
    )
    with torch.no_grad():
        model.model.decoder.embed_tokens.weight[size - 1501 :] *= 0.1  # times only where they must stand
    model.save_pretrained(folder)
    extractor = transformers.WhisperFeatureExtractor(feature_size=8)
    transformers.WhisperProcessor(extractor, tokenizer).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def rows() -> list[Tensor]:
    generator = torch.Generator().manual_seed(1)
    tones = [torch.sin(torch.arange(size) * pitch) for size, pitch in ((16_000, 0.1), (7_001, 0.7), (30_000, 1.9))]
    return [0.5 * tone + 0.1 * torch.randn(len(tone), generator=generator) for tone in tones]


def test_a_padded_batch_gives_what_its_rows_give_one_by_one(checkpoint: Path, rows: list[Tensor]) -> None:
    recognizer = Whisper(str(checkpoint))
    alone = [recognizer.transcribe(row[None])[0] for row in rows]
    assert recognizer.transcribe(*pad([*rows, rows[0][:0]])) == [*alone, ""]
    assert len(set(alone)) > 1 and all(set(text) <= set("ABCDEFGH") for text in alone)


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


def test_writes_what_transformers_own_pipeline_writes(checkpoint: Path, rows: list[Tensor]) -> None:
    pipeline = transformers.pipeline("automatic-speech-recognition", model=str(checkpoint), device="cpu")
    greedy = {"generate_kwargs": {"num_beams": 1}}
    theirs = [pipeline({"raw": row.numpy(), "sampling_rate": 16_000}, **greedy)["text"].upper() for row in rows]
    assert Whisper(str(checkpoint)).transcribe(*pad(rows)) == theirs


def test_hears_beyond_its_window_of_30_s(checkpoint: Path, rows: list[Tensor]) -> None:
    recognizer = Whisper(str(checkpoint))
    long = rows[0].repeat(50)
    short_text, long_text = recognizer.transcribe(*pad([rows[1], long]))
    assert short_text == recognizer.transcribe(rows[1][None])[0]
    assert len(long_text) > len(recognizer.transcribe(long[None, :480_000])[0])


def test_refuses_another_architecture(checkpoint: Path) -> None:
    with pytest.raises(SottovoceError, match="holds WhisperForConditionalGeneration, not Wav2Vec2ForCTC"):
        Wav2Vec2(str(checkpoint))
