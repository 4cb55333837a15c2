"""Whisper (Radford et al., 2023): the weights and the decoder of transformers, with a gradient to the waveform."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from sottovoce.audio.batch import by_length, full_lengths, unpad, zero_padding
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.errors import SottovoceError
from sottovoce.models.chain import device_of
from sottovoce.models.recognizers.hub import from_pretrained, settings
from sottovoce.models.recognizers.log_mel import WhisperLogMel
from sottovoce.text.spelling import plain

PADDING = 10.0
"""Least silence after a row (s). With less than 5 s, tiny.en and base begin to repeat sentences without end; with 10 s,
their word error rates on LibriSpeech's test-clean are those of windows of 30 s within 0.3 %, in half the time."""
FRAME = 320
"""Samples per encoder state."""
STEP = MODEL_RATE
"""Windows are multiples of one second, so that rows of similar length share one."""
TOKENS_PER_SECOND = 8.0
"""Most tokens written per second of a window, besides `TOKENS`. Fast speech has 5; OpenAI's code stops at 7.5."""
TOKENS = 8
MULTILINGUAL = 51_865
"""Tokens from which on a vocabulary names languages."""
NO_TOKEN = -100


class Whisper(nn.Module):
    """A differentiable recogniser of English that writes token after token.

    A row is heard with silence after it, in a window of whole seconds. Rows whose windows are equally long are
    processed together, so that no row depends on another.

    Args:
        name: a folder or a repository on the hub, such as `openai/whisper-base.en`.
        download: whether it may be downloaded from the hub if it is not on this machine.
        dtype: precision of the network. The spectrogram is computed in single precision.
        padding: least silence after a row, in seconds; None for windows of 30 s, as in the original.

    Raises:
        SottovoceError: if transformers is not installed or the model cannot be loaded.

    Example:
        >>> recognizer = Whisper("openai/whisper-base.en", download=True)  # doctest: +SKIP
        >>> recognizer.transcribe(waveforms, lengths)  # doctest: +SKIP
        ['OPEN THE DOOR']
        >>> recognizer.likelihood(waveforms, ["Open the door."], lengths)  # doctest: +SKIP
        tensor([-3.1])
    """

    architecture = "whisper"
    language = "en"
    alphabet = None
    differentiable = True

    def __init__(
        self,
        name: str,
        *,
        download: bool = False,
        dtype: torch.dtype = torch.float32,
        padding: float | None = PADDING,
    ) -> None:
        super().__init__()
        self.name, self.padding = Path(name).name or name, padding
        model, self.processor = from_pretrained("WhisperForConditionalGeneration", "WhisperProcessor", name, download)
        self.model = model.to(dtype).requires_grad_(False)
        self.log_mel = WhisperLogMel(self.processor.feature_extractor.feature_size)
        self.config = {**settings(self.model), "padding": padding}
        """What defines the network besides its weights."""
        self.longest: int = self.processor.feature_extractor.n_samples
        """Samples of Whisper's own window, 30 s."""
        self._prepare()

    def _prepare(self) -> None:
        """Which tokens come first, which one last and which ones never; completes what old checkpoints leave out."""
        generation, number = self.model.generation_config, self.processor.tokenizer.convert_tokens_to_ids
        multilingual = getattr(generation, "is_multilingual", None)
        self._multilingual = self.model.config.vocab_size >= MULTILINGUAL if multilingual is None else multilingual
        english, transcribe, untimed = map(number, ("<|en|>", "<|transcribe|>", "<|notimestamps|>"))
        needed = {"is_multilingual": self._multilingual, "no_timestamps_token_id": untimed}
        if self._multilingual:
            needed |= {"lang_to_id": {"<|en|>": english}, "task_to_id": {"transcribe": transcribe}}
        for key, value in needed.items():
            if getattr(generation, key, None) is None:
                setattr(generation, key, value)
        language = [english, transcribe] if self._multilingual else []
        self._prefix = [self.model.config.decoder_start_token_id, *language, untimed]
        self._end = int(self.model.config.eos_token_id)
        self._never = list(generation.suppress_tokens or [])
        self._never_first = list(generation.begin_suppress_tokens or [])
        self._room = int(self.model.config.max_target_positions) - len(self._prefix)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return device_of(self.model)

    def windows(self, lengths: Tensor) -> Tensor:
        """Samples of the window in which rows of `lengths (batch,)` are heard: `(batch,)`."""
        if self.padding is None:
            return torch.full_like(lengths, self.longest)
        wanted = lengths + round(self.padding * MODEL_RATE)
        return (wanted.add(STEP - 1).div(STEP, rounding_mode="floor") * STEP).clamp(max=self.longest)

    def frames(self, lengths: Tensor) -> Tensor:
        """Number of encoder states for rows of `lengths (batch,)` samples: `(batch,)`."""
        return self.windows(lengths).div(FRAME, rounding_mode="floor")

    def own_frames(self, lengths: Tensor) -> Tensor:
        """Number of encoder states of the rows themselves, without the silence after them: `(batch,)`, at least 1."""
        return lengths.div(FRAME, rounding_mode="floor").clamp(min=1)

    def likelihood(self, waveforms: Tensor, texts: Sequence[str], lengths: Tensor | None = None) -> Tensor:
        """Logarithmic likelihood of texts, differentiable with respect to the waveforms; see `Recognizer.likelihood`.

        The sum of the log-probabilities of a text's tokens, the end of the text included. Whisper tells capitals and
        punctuation apart: a text is taken as it is, "Open the door!" or "open the door". One without small letters,
        "OPEN THE DOOR", is taken as the sentence "Open the door.", which is more likely to be written.

        Raises:
            SottovoceError: a row is longer than 30 s, or a text has more tokens than Whisper can write.
        """
        own = _own(waveforms, lengths)
        return self.likelihood_of(self(waveforms, own), texts, own)

    def likelihood_of(self, states: Tensor, texts: Sequence[str], lengths: Tensor) -> Tensor:
        """The same for rows of `lengths (batch,)` samples whose encoder states are known; see `forward`."""
        if len(texts) != len(states):
            raise ValueError(f"{len(texts)} texts for {len(states)} rows")
        return by_length(self._likelihood, states, self.frames(lengths), self._tokens(texts))[:, 0]

    def transcribe(self, waveforms: Tensor, lengths: Tensor | None = None) -> list[str]:
        """Transcribe a batch by greedy search; see `Recognizer.transcribe`."""
        return [plain(text) for text in self.written(waveforms, lengths)]

    @torch.inference_mode()
    def written(self, waveforms: Tensor, lengths: Tensor | None = None) -> list[str]:
        """What Whisper writes, with its capitals and punctuation. Rows over 30 s are heard window by window."""
        own = _own(waveforms, lengths)
        texts = [""] * len(own)
        together = [row for row, length in enumerate(own.tolist()) if 0 < length <= self.longest]
        if together:
            states = self(waveforms[together, : int(own[together].max())], own[together])
            for row, text in zip(together, self.written_of(states, own[together]), strict=True):
                texts[row] = text
        for row, waveform in enumerate(unpad(waveforms, own)):
            if len(waveform) > self.longest:
                (texts[row],) = self._decoded(self._window_by_window(waveform))
        return texts

    @torch.inference_mode()
    def written_of(self, states: Tensor, lengths: Tensor) -> list[str]:
        """The same for rows of `lengths (batch,)` samples whose encoder states are known; see `forward`."""
        tokens = by_length(self._greedy, states, self.frames(lengths)).tolist()
        return self._decoded([row[: row.index(self._end)] for row in tokens])

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """What the decoder attends to, differentiable: 50 states per second, those of the silence included.

        Returns:
            `(batch, frames, channels)`; zeros after a row's own `frames`.

        Raises:
            SottovoceError: a row is longer than 30 s.
        """
        own = _own(waveforms, lengths)
        if int(own.max()) > self.longest:
            raise SottovoceError(f"{self.name}: hears {self.longest // MODEL_RATE} s at once; cut the recording")
        windows = self.windows(own)
        missing = int(windows.max()) - waveforms.shape[-1]
        padded = functional.pad(zero_padding(waveforms, own), (0, missing)).to(self.device)
        return by_length(self._encoded, padded, windows).transpose(1, 2)

    def _encoded(self, waveforms: Tensor) -> Tensor:
        """The encoder's states, `(batch, channels, frames)`; transformers' own encoder insists on 30 s."""
        encoder = self.model.model.encoder
        hidden = self.log_mel(waveforms).to(self.model.dtype)
        for convolution in (encoder.conv1, encoder.conv2):
            hidden = functional.gelu(convolution(hidden))
        hidden = hidden.transpose(1, 2) + encoder.embed_positions.weight[: hidden.shape[-1]]
        for layer in encoder.layers:
            hidden = layer(hidden, None)
        states: Tensor = encoder.layer_norm(hidden).transpose(1, 2)
        return states

    def _tokens(self, texts: Sequence[str]) -> Tensor:
        """Tokens and end of each text, `(batch, tokens)`, followed by `NO_TOKEN`."""
        spelled = [f" {_sentence(text)}" if text else "" for text in texts]
        encode = self.processor.tokenizer.encode
        rows = [[*encode(text, add_special_tokens=False), self._end] for text in spelled]
        for text, row in zip(texts, rows, strict=True):
            if len(row) > self._room:
                raise SottovoceError(f"'{text[:20]}…' has {len(row)} tokens, Whisper writes {self._room}; shorten it")
        return nn.utils.rnn.pad_sequence(
            [torch.tensor(row, device=self.device) for row in rows], batch_first=True, padding_value=NO_TOKEN
        )

    def _likelihood(self, states: Tensor, tokens: Tensor) -> Tensor:
        tokens = tokens[:, : int((tokens != NO_TOKEN).sum(1).max())]
        before = tokens.new_tensor(self._prefix).expand(len(tokens), -1)
        given = torch.cat([before, tokens[:, :-1].clamp(min=0)], 1)
        hidden = self.model.model.decoder(
            input_ids=given, encoder_hidden_states=states, use_cache=False
        ).last_hidden_state[:, before.shape[1] - 1 :]
        scores = _single(self.model.proj_out(hidden)).transpose(1, 2)
        losses = functional.cross_entropy(scores, tokens, ignore_index=NO_TOKEN, reduction="none")
        return -losses.sum(1, keepdim=True)

    def _greedy(self, states: Tensor) -> Tensor:
        """The best token after each token until all rows have ended, `(batch, tokens)`, the last one the end."""
        most = min(self._room, TOKENS + math.ceil(TOKENS_PER_SECOND * states.shape[1] * FRAME / MODEL_RATE))
        given = torch.tensor([self._prefix] * len(states), device=self.device)
        ended = torch.zeros(len(states), 1, dtype=torch.bool, device=self.device)
        cache, found = None, list[Tensor]()
        while len(found) < most and not ended.all():
            output = self.model.model.decoder(
                input_ids=given, encoder_hidden_states=states, past_key_values=cache, use_cache=True
            )
            cache = output.past_key_values
            scores = _single(self.model.proj_out(output.last_hidden_state[:, -1]))
            scores[:, self._never] = -torch.inf
            if not found:
                scores[:, self._never_first] = -torch.inf
            given = scores.argmax(-1, keepdim=True).masked_fill(ended, self._end)
            ended = ended | (given == self._end)
            found.append(given)
        return torch.cat([*found, torch.full_like(given[:, :1], self._end)], 1)

    def _window_by_window(self, waveform: Tensor) -> Any:
        features = self.processor(
            [waveform.cpu().numpy()],
            sampling_rate=MODEL_RATE,
            return_tensors="pt",
            return_attention_mask=True,
            truncation=False,
            padding="longest",
        ).to(self.device, self.model.dtype)
        return self.model.generate(
            **features,
            **({"language": "en", "task": "transcribe"} if self._multilingual else {}),
            return_timestamps=True,  # they tell where the next window begins
            num_beams=1,
            do_sample=False,
        )

    def _decoded(self, tokens: Any) -> list[str]:
        texts: list[str] = self.processor.batch_decode(tokens, skip_special_tokens=True)
        return [text.strip() for text in texts]


def _own(waveforms: Tensor, lengths: Tensor | None) -> Tensor:
    return full_lengths(waveforms) if lengths is None else lengths.to(waveforms.device)


def _single(scores: Tensor) -> Tensor:
    """In single precision at least."""
    return scores.to(torch.promote_types(scores.dtype, torch.float32))


def _sentence(text: str) -> str:
    """A text without small letters as Whisper would write it."""
    if text != text.upper():
        return text
    return text.capitalize() + ("." if text[-1:].isalnum() else "")
