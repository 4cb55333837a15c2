"""What attacks cost: beside the bare network, beside other libraries, per second of audio, in memory.

Times are ratios within one run, or seconds of one machine, which the report names.
"""

import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from sottovoce.attacks import PGD
from sottovoce.audio.batch import full_lengths
from sottovoce.audio.files import as_mono_16k, read, write
from sottovoce.errors import SottovoceError
from sottovoce.threats.objectives import Silence
from sottovoce.victims.enhancers import load_enhancer
from sottovoce.workflows.attacks import erasing
from sottovoce.workflows.settings import AttackName
from sottovoce.writing import make_folder, write_text

SECONDS, BATCH, STEPS, REPEATS = 5, 4, 20, 3
STEP = 2e-3
MEMORY_SECONDS = (10, 60, 600)


def run(out: Path) -> None:
    """Measure everything on one thread and write `out/speed.md`.

    Raises:
        SottovoceError: foolbox or ART is not installed, or the file cannot be written.
    """
    torch.set_num_threads(1)
    waveforms = batch()
    lines = [
        "# Speed",
        f"One thread of: {processor()}; torch {torch.__version__}. {BATCH} recordings of {SECONDS} s, {STEPS} steps, "
        f"median of {REPEATS} runs that take turns. Made by `sottovoce bench speed`.",
        "## One step of PGD beside one forward and backward pass\n",
        *_compared(waveforms),
        "## What `protect` computes for a second of audio\n",
        *_per_second(waveforms),
        "## Peak memory of `sottovoce protect` (a process of its own, mono, 16 kHz)\n",
        *_memory(),
    ]
    make_folder(out)
    write_text(out / "speed.md", "\n".join(lines) + "\n")


def batch() -> Tensor:
    """The bundled recording, repeated to `(BATCH, SECONDS at 16 kHz)`, each row from another place on."""
    with as_file(files("sottovoce") / "data" / "demo.wav") as path:
        speech = torch.from_numpy(as_mono_16k(read(path)))
    samples = SECONDS * 16000
    return torch.stack([speech.roll(-1000 * row).repeat(samples // len(speech) + 1)[:samples] for row in range(BATCH)])


def processor() -> str:
    """The processor's name, as far as the system tells it."""
    listed = Path("/proc/cpuinfo")
    names = [line for line in listed.read_text().splitlines() if "model name" in line] if listed.is_file() else []
    return names[0].partition(":")[2].strip() if names else platform.processor() or platform.machine()


def take_turns(runs: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Median seconds of each, measured in turns after one unmeasured run of each."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for repeat in range(REPEATS + 1):
        for name, call in runs.items():
            start = time.perf_counter()
            call()
            if repeat:
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}


def _compared(waveforms: Tensor) -> list[str]:
    lines = [
        "| victim | bare pass, ms | ours ÷ bare | foolbox ÷ bare | ART ÷ bare |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name in ("metricgan-plus", "segan"):
        victim = load_enhancer(name)
        runs: dict[str, Callable[[], object]] = {
            "bare": partial(bare_passes, victim, waveforms, STEPS),
            "ours": partial(PGD(step=STEP, steps=STEPS), victim, waveforms, Silence()),
            "foolbox": foolbox_pgd(victim, waveforms, STEPS),
            "ART": art_pgd(victim, waveforms, STEPS),
        }
        seconds = take_turns(runs)
        ratios = " | ".join(f"{seconds[key] / seconds['bare']:.2f}" for key in ("ours", "foolbox", "ART"))
        lines.append(f"| {name} | {1000 * seconds['bare'] / STEPS:.0f} | {ratios} |")
    return lines


def bare_passes(victim: nn.Module, waveforms: Tensor, steps: int) -> None:
    """Forward and backward to the input and nothing else, `steps` times."""
    lengths = full_lengths(waveforms)
    for _ in range(steps):
        inputs = waveforms.clone().requires_grad_()
        victim(inputs, lengths).square().mean(-1).sum().backward()


def foolbox_pgd(victim: nn.Module, waveforms: Tensor, steps: int) -> Callable[[], object]:
    """The same attack by foolbox, ready to run."""
    foolbox = _import("foolbox")

    class ToSilence(foolbox.attacks.LinfProjectedGradientDescentAttack):  # type: ignore[misc, name-defined]
        def get_loss_fn(self, model: Callable[[Any], Any], labels: Any) -> Callable[[Any], Any]:
            return lambda inputs: -model(inputs).square().mean(axis=-1).sum()

    model = foolbox.PyTorchModel(victim.eval(), bounds=(-1, 1), device="cpu")
    criterion = foolbox.criteria.Misclassification(torch.zeros(len(waveforms), dtype=torch.int64))
    attack = ToSilence(abs_stepsize=STEP, steps=steps, random_start=False)
    return lambda: attack.run(model, waveforms, criterion, epsilon=STEP * steps)


def art_pgd(victim: nn.Module, waveforms: Tensor, steps: int) -> Callable[[], object]:
    """The same attack by the Adversarial Robustness Toolbox, ready to run."""
    _import("art")
    from art.attacks.evasion import ProjectedGradientDescentPyTorch
    from art.estimators.classification import PyTorchClassifier

    class MeanSquare(nn.Module):
        def forward(self, outputs: Tensor, labels: Tensor) -> Tensor:
            return (outputs - labels).square().mean(-1).sum()

    samples = waveforms.shape[-1]
    classifier = PyTorchClassifier(
        victim.eval(),
        loss=MeanSquare(),
        input_shape=(samples,),
        nb_classes=samples,
        clip_values=(-1, 1),
        device_type="cpu",
    )
    attack = ProjectedGradientDescentPyTorch(
        classifier,
        eps=STEP * steps,
        eps_step=STEP,
        max_iter=steps,
        targeted=True,
        batch_size=len(waveforms),
        verbose=False,
    )
    inputs, silence = waveforms.numpy(), np.zeros(waveforms.shape, dtype=np.float32)
    return lambda: attack.generate(inputs, y=silence)


def _import(name: str) -> Any:
    try:
        return __import__(name)
    except ImportError as error:
        raise SottovoceError(f"{name} is not installed: pip install 'sottovoce[dev]'") from error


def _per_second(waveforms: Tensor) -> list[str]:
    lines = ["| attack | victim | seconds for a second of audio |", "| --- | --- | --- |"]
    for victim in ("metricgan-plus", "segan"):
        network = load_enhancer(victim)
        for name in AttackName:
            attack, objective = erasing(name, 20.0)
            start = time.perf_counter()
            attack(network, waveforms, objective)
            lines.append(f"| {name} | {victim} | {(time.perf_counter() - start) / (SECONDS * BATCH):.2f} |")
    return lines


def _memory() -> list[str]:
    lines = ["| length | peak, MiB |", "| --- | --- |"]
    with tempfile.TemporaryDirectory() as folder:
        for seconds in MEMORY_SECONDS:
            source, target = Path(folder) / f"{seconds}.wav", Path(folder) / f"{seconds}-protected.wav"
            with as_file(files("sottovoce") / "data" / "demo.wav") as path:
                recording = read(path)
            times = seconds * recording.rate // len(recording.samples) + 1
            samples = np.tile(recording.samples, (times, 1))[: seconds * recording.rate]
            write(source, type(recording)(samples, recording.rate, recording.format, recording.subtype))
            lines.append(f"| {seconds} s | {peak_of_protect(source, target):.0f} |")
    return lines


def peak_of_protect(source: Path, target: Path) -> float:
    """The largest resident memory, in MiB, of a process that protects a file."""
    code = (
        "import resource, sys; from sottovoce.cli import main\n"
        "try: main()\n"
        "finally: print('peak', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    words = [sys.executable, "-c", code, "protect", str(source), "-o", str(target)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SottovoceError(f"sottovoce protect failed: {done.stderr.strip().splitlines()[-1]}")
    unit = 1 if sys.platform == "darwin" else 1024
    return int(done.stdout.rpartition("peak ")[2]) * unit / 2**20
