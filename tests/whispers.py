"""A tiny Whisper with random weights in the layout of a published checkpoint."""

from pathlib import Path

import pytest
import torch

LETTERS = "abcdefghAB.!\N{LATIN CAPITAL LETTER G WITH DOT ABOVE}"  # the last is how byte-level tokenizers write a space


def save_tiny(folder: Path, *, multilingual: bool, seed: int = 0) -> Path:
    """Save one that writes letters that depend on what it hears; skips the test without transformers."""
    transformers = pytest.importorskip("transformers")
    tokenizer = transformers.WhisperTokenizer(vocab={letter: i for i, letter in enumerate(LETTERS)}, merges=[])
    specials = ["<|startoftranscript|>", "<|en|>", "<|transcribe|>", "<|notimestamps|>"]
    tokenizer.add_special_tokens({"additional_special_tokens": specials})
    ids = tokenizer.get_vocab()
    size = ids["<|notimestamps|>"] + 1 + 1501  # every 20 ms up to 30 s
    end = ids["<|endoftext|>"]
    config = transformers.WhisperConfig(
        vocab_size=size,
        num_mel_bins=8,
        d_model=16,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=16,
        decoder_ffn_dim=16,
        max_target_positions=18,
        pad_token_id=end,
        bos_token_id=end,
        eos_token_id=end,
        decoder_start_token_id=ids["<|startoftranscript|>"],
        begin_suppress_tokens=None,
        init_std=1.0,
    )
    languages = {"lang_to_id": {"<|en|>": ids["<|en|>"]}, "task_to_id": {"transcribe": ids["<|transcribe|>"]}}
    torch.manual_seed(seed)
    model = transformers.WhisperForConditionalGeneration(config)
    model.generation_config = transformers.GenerationConfig(
        is_multilingual=multilingual,
        **(languages if multilingual else {}),
        no_timestamps_token_id=ids["<|notimestamps|>"],
        suppress_tokens=[ids[special] for special in specials],
        begin_suppress_tokens=[ids["a"], end],
        max_length=18,
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
