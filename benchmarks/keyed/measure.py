"""Protected recordings, what somebody makes of them, and who speaks in that to speaker encoders."""

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.guo2024.trials import compared, per_utterance
from benchmarks.kept import kept
from benchmarks.keyed.attackers import fitted_key, searched_key
from benchmarks.keyed.plan import IGNORANT, KEY, OTHER_KEY, PAIRS, PROTECTED, RECORDED, SEARCHED, SEMI_INFORMED, Job
from benchmarks.mixtures import one_per_speaker
from benchmarks.protecting import SPOKEN
from benchmarks.recordings import as_written, corpus, waveform
from benchmarks.rows import Row
from sottovoce import metrics
from sottovoce.audio.batch import full_lengths, pad, unpad
from sottovoce.corpora.manifest import Utterance
from sottovoce.models.speakers import load_speaker_encoder
from sottovoce.perturbers import SSED, KeyedSSED, refine
from sottovoce.perturbers.keyed import KEY_BYTES

ONE_KEY = "the key of all"
FITTING, SEARCHING = 200, 60
"""Steps of the attackers' descents."""


def measure(job: Job, files: Path) -> list[Row]:
    """A row per file on its SNR and quality, and a row per encoder on verification.

    Args:
        job: what is measured.
        files: the folder in which processed recordings are kept.
    """
    plan = job.plan
    tested = one_per_speaker(plan.data, plan.count, SPOKEN["test"])
    recorded = [waveform(utterance) for utterance in tested]
    names = [utterance.path.stem for utterance in tested]
    processed = recorded
    if job.kind != RECORDED:
        processed = unpad(*kept(files / job.name, plan, names, lambda: pad(_processed(job, names, recorded))))
    rows: list[Row] = [
        {
            "file": name,
            "snr": metrics.snr(own[None], found[None]).item(),
            "pesq": metrics.pesq(own[None], found[None], mode="wb").item(),
        }
        for name, own, found in zip(names, recorded, processed, strict=True)
    ]
    return rows + _verification(job, tested, processed)


@torch.no_grad()
def _processed(job: Job, names: Sequence[str], recorded: Sequence[Tensor]) -> list[Tensor]:
    """What the attacker, or whoever has the key, writes to 16-bit files."""
    plan, network = job.plan, KeyedSSED.load(job.plan.generator)
    secrets = [ONE_KEY] * len(names) if job.kind in PAIRS else names
    keys = [_key(secret, plan.seed) for secret in secrets]
    protected = [_written(network.unlocked(key), own) for key, own in zip(keys, recorded, strict=True)]
    if job.kind == PROTECTED:
        return protected
    undo = _undoing(job, network, keys)
    return [_written(partial(undo, place), heard) for place, heard in enumerate(protected)]


def _undoing(job: Job, network: KeyedSSED, keys: Sequence[bytes]) -> Callable[[int, Tensor], Tensor]:
    """What makes `(1, samples)` of the protected recording at a place."""
    plan = job.plan
    if job.kind == KEY:
        return lambda place, heard: _restored(network.unlocked(keys[place]), heard)
    if job.kind == OTHER_KEY:
        return lambda place, heard: _restored(network.unlocked(_key(f"other {place}", plan.seed)), heard)
    if job.kind == IGNORANT:
        removal = SSED.load(plan.unkeyed)
        return lambda place, heard: removal.remove(heard)
    if job.kind == SEMI_INFORMED:
        trained = KeyedSSED.load(plan.attacker).unlocked(bytes(KEY_BYTES))  # whose removal module has no use for it
        return lambda place, heard: trained.remove(heard)
    if job.kind == SEARCHED:
        return lambda place, heard: _attacked(network, heard, searched_key(network, heard[0], SEARCHING))
    found = _fitted(job, network, keys[0])
    return lambda place, heard: _attacked(network, heard, found)


def _fitted(job: Job, network: KeyedSSED, key: bytes) -> Tensor:
    """The key as somebody finds it who knows recordings of other people with their protected files."""
    plan, generator = job.plan, torch.Generator().manual_seed(job.plan.seed)
    known = [u for u in corpus(plan.data, SPOKEN["valid"]) if u.split == "valid"]
    chosen = torch.randperm(len(known), generator=generator)[: PAIRS[job.kind]].tolist()
    unlocked = network.unlocked(key)
    originals = [waveform(known[place]) for place in chosen]
    return fitted_key(network, [(own, _written(unlocked, own)) for own in originals], generator, FITTING)


def _restored(unlocked: SSED, heard: Tensor) -> Tensor:
    return refine(unlocked.remove(heard), heard, unlocked)


def _attacked(network: KeyedSSED, heard: Tensor, keys: Tensor) -> Tensor:
    """`_restored` under what an attacker takes for the key."""
    removed = network.removed(heard, keys).waveforms
    return refine(removed, heard, lambda found: network.perturbed(found, keys).waveforms)


def _written(treatment: Callable[[Tensor], Tensor], own: Tensor) -> Tensor:
    treated = treatment(own[None])
    return as_written(treated, full_lengths(treated))[0]


def _key(secret: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed} {secret}".encode()).digest()[:KEY_BYTES]


@torch.no_grad()
def _verification(job: Job, tested: Sequence[Utterance], processed: Sequence[Tensor]) -> list[Row]:
    """Equal error rates of recordings enrolled and files tested."""
    plan = job.plan
    utterances = [u for u in corpus(plan.data, SPOKEN["test"]) if u.split == "test"]
    places = {utterance.path: place for place, utterance in enumerate(utterances)}
    chosen = dict(zip((places[utterance.path] for utterance in tested), processed, strict=True))
    trials = [trial for trial in per_utterance(utterances, plan.seed) if trial.tested in chosen]
    rows: list[Row] = []
    for name in plan.encoders:
        encoder = load_speaker_encoder(name)
        enrolled = {place: encoder(waveform(utterances[place])[None])[0] for place in {t.enrolled for t in trials}}
        heard = {place: encoder(signal[None])[0] for place, signal in chosen.items()}
        scores, same, speakers = compared(trials, enrolled, heard, utterances)
        low, high = metrics.eer_interval(scores, same, speakers, generator=torch.Generator().manual_seed(0))
        rows.append({"encoder": name, "eer": metrics.eer(scores, same), "low": low, "high": high})
    return rows
