"""Whisper (Radford et al., 2023) with transformers."""

import torch
from torch import Tensor, nn

from sottovoce.audio.batch import full_lengths, unpad
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.models.recognizers.hub import from_pretrained, settings
from sottovoce.text.spelling import plain


class Whisper(nn.Module):
    """Transcribes English by greedy search.

    Args:
        name: a folder or a repository on the hub, such as `openai/whisper-base.en`.
        download: whether it may be downloaded from the hub if it is not on this machine.

    Raises:
        SottovoceError: if transformers is not installed or the model cannot be loaded.

    Example:
        >>> recognizer = Whisper("openai/whisper-base.en", download=True)  # doctest: +SKIP
        >>> recognizer.transcribe(waveforms, lengths)  # doctest: +SKIP
    """

    architecture = "whisper"
    language = "en"

    def __init__(self, name: str, *, download: bool = False) -> None:
        super().__init__()
        self.name = name
        self.model, self.processor = from_pretrained(
            "WhisperForConditionalGeneration", "WhisperProcessor", name, download
        )
        self.config = settings(self.model)
        """What defines the network besides its weights."""

    def transcribe(self, waveforms: Tensor, lengths: Tensor | None = None) -> list[str]:
        """Transcribe a batch; see `Recognizer.transcribe`.

        Rows of up to 30 s, Whisper's window, are processed together; longer ones singly, window by window.
        """
        rows = unpad(waveforms.detach().cpu(), full_lengths(waveforms) if lengths is None else lengths)
        window = self.processor.feature_extractor.n_samples
        texts = [""] * len(rows)
        together = [index for index, row in enumerate(rows) if 0 < len(row) <= window]
        for index, text in zip(together, self._write([rows[index] for index in together]), strict=True):
            texts[index] = text
        for index, row in enumerate(rows):
            if len(row) > window:
                (texts[index],) = self._write([row], long=True)
        return texts

    @torch.inference_mode()
    def _write(self, rows: list[Tensor], long: bool = False) -> list[str]:
        if not rows:
            return []
        features = self.processor(
            [row.numpy() for row in rows],
            sampling_rate=MODEL_RATE,
            return_tensors="pt",
            return_attention_mask=True,
            truncation=not long,
            padding="longest" if long else "max_length",
        ).to(self.model.device)
        multilingual = getattr(self.model.generation_config, "is_multilingual", False)
        tokens = self.model.generate(
            **features,
            **({"language": "en", "task": "transcribe"} if multilingual else {}),
            return_timestamps=long,  # they tell where the next window begins
            num_beams=1,
            do_sample=False,
        )
        return [plain(text) for text in self.processor.batch_decode(tokens, skip_special_tokens=True)]
