"""The generator that hides the speaker: streamed on one core, and beside optimisation of the same utterance."""

from functools import partial

import torch
from torch import Tensor

from sottovoce.attacks import PGD
from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.benchmarks.speed.timing import take_turns
from sottovoce.benchmarks.tables import table
from sottovoce.perturbers import SSED, Stream
from sottovoce.threats.speakers import AwayFrom
from sottovoce.victims.speakers import Similarity, load_speaker_encoder

GENERATOR, ENCODER = "ssed", "resemblyzer"
CHUNKS = (20, 100, 1000)
"""Milliseconds."""
PGD_STEPS = 100


def streamed(waveforms: Tensor) -> str:
    """A table of real-time factor and latency by chunk; `waveforms (batch, samples)` are played one after another."""
    network, speech = SSED.load(GENERATOR), waveforms.flatten()
    seconds = len(speech) / MODEL_RATE
    times = take_turns({str(chunk): partial(play, network, speech, chunk) for chunk in CHUNKS})
    lookahead = 1000 * Stream(network.generator, network).lookahead / MODEL_RATE
    rows = []
    for chunk in CHUNKS:
        factor = times[str(chunk)] / seconds
        rows.append([f"{chunk}", f"{factor:.3f}", f"{lookahead:.1f}", f"{chunk + lookahead + factor * chunk:.0f}"])
    head = ["chunk, ms", "real-time factor", "look-ahead, ms", "latency (chunk, look-ahead, computing), ms"]
    return table(head, rows)


@torch.no_grad()
def play(network: SSED, speech: Tensor, milliseconds: int) -> Tensor:
    """`speech (samples,)` through the generator in chunks, the chunks end to end again."""
    stream, size = Stream(network.generator, network), milliseconds * MODEL_RATE // 1000
    chunks = [stream.push(speech[start : start + size]) for start in range(0, len(speech), size)]
    return torch.cat([*chunks, stream.flush()])


def beside_pgd(waveforms: Tensor) -> str:
    """A table of one pass of the generator and `PGD_STEPS` steps of PGD on one utterance."""
    network, encoder, speech = SSED.load(GENERATOR), load_speaker_encoder(ENCODER), waveforms[:1]
    with torch.no_grad():
        similarity = Similarity(encoder, encoder(speech))
    attack = PGD(step=1e-4, steps=PGD_STEPS)
    times = take_turns(
        {"pass": partial(one_pass, network, speech), "pgd": partial(attack, similarity, speech, AwayFrom())}
    )
    row = [f"{1000 * times['pass']:.0f}", f"{1000 * times['pgd']:.0f}", f"{times['pgd'] / times['pass']:.0f}"]
    return table(["one pass, ms", f"{PGD_STEPS} steps of PGD on {ENCODER}, ms", "ratio"], [row])


@torch.no_grad()
def one_pass(network: SSED, waveforms: Tensor) -> Tensor:
    """The generator on a batch as a whole."""
    perturbed: Tensor = network(waveforms)
    return perturbed
