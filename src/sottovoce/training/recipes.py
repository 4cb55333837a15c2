"""The recipes by name, with settings and corpora as a person types them."""

import shlex
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal

from lightning_fabric import Fabric
from pydantic import TypeAdapter, ValidationError

from sottovoce.errors import SottovoceError
from sottovoce.models.classifiers import load_classifier
from sottovoce.training import (
    advgan,
    classifier,
    deep_speech,
    ecapa_tdnn,
    loop,
    metricgan_plus,
    regression,
    segan,
    ssed,
)
from sottovoce.training.clips import Clips
from sottovoce.training.data import MixingRange, SpeechInNoise
from sottovoce.training.pesq_pool import make_pool
from sottovoce.training.transcripts import Transcripts
from sottovoce.training.voices import Augmentation, Voices

Config = (
    segan.Config
    | metricgan_plus.Config
    | ecapa_tdnn.Config
    | ssed.Config
    | classifier.WideResNetConfig
    | classifier.SampleCNNConfig
    | advgan.Config
    | deep_speech.Config
    | regression.WaveUNetConfig
    | regression.DNNConfig
)
CONFIGS: dict[str, type[Config]] = {
    "advgan": advgan.Config,
    "deep-speech": deep_speech.Config,
    "dnn": regression.DNNConfig,
    "ecapa-tdnn": ecapa_tdnn.Config,
    "metricgan-plus": metricgan_plus.Config,
    "sample-cnn": classifier.SampleCNNConfig,
    "segan": segan.Config,
    "ssed": ssed.Config,
    "wave-unet": regression.WaveUNetConfig,
    "wide-resnet": classifier.WideResNetConfig,
}
ENHANCERS, CLASSIFIERS = ("speech", "noise", "pairs"), ("speech", "noise")
USES = {
    "advgan": CLASSIFIERS,
    "deep-speech": ("speech", "noise", "rooms"),
    "dnn": ENHANCERS,
    "ecapa-tdnn": ("speech", "noise", "rooms"),
    "metricgan-plus": ENHANCERS,
    "sample-cnn": CLASSIFIERS,
    "segan": ENHANCERS,
    "ssed": ("speech",),
    "wave-unet": ENHANCERS,
    "wide-resnet": CLASSIFIERS,
}
"""Which fields of `Material` a recipe takes."""


@dataclass(frozen=True)
class Material:
    """Manifests or corpus folders to train on.

    Attributes:
        speech: clean speech; for `ecapa-tdnn` and `ssed` with speakers; for classifiers and `advgan` with labels;
            for `deep-speech` with texts.
        noise: noise; needed by the enhancers.
        rooms: impulse responses, for `ecapa-tdnn` and `deep-speech`.
        pairs: clean recordings and what became of them, for the enhancers.
    """

    speech: Sequence[Path]
    noise: Sequence[Path] = ()
    rooms: Sequence[Path] = ()
    pairs: Sequence[Path] = ()


@dataclass(frozen=True)
class Machine:
    """What a training runs on; see Lightning Fabric.

    Attributes:
        accelerator: "auto", "cpu", "cuda", …
        devices: how many.
        workers: processes that measure PESQ.
        bfloat16: compute in bfloat16 where the loss of digits does no harm, in about half the time on processors that
            know it; the weights stay in float32.
    """

    accelerator: str = "auto"
    devices: int = 1
    workers: int = 2
    bfloat16: bool = False


def train(name: str, material: Material, folder: Path, settings: Mapping[str, str], machine: Machine) -> Path:
    """Train a network, or go on where `folder` holds a checkpoint.

    Args:
        name: a key of `CONFIGS`.
        material: what to train on.
        folder: where log, checkpoint and weights go.
        settings: fields of the recipe's `Config` as text, e.g. `{"epochs": "10", "mixing.snr": "-5,16"}`.
        machine: what to run on.

    Returns:
        The path of the best weights, with their card beside them.

    Raises:
        SottovoceError: there is no such recipe, setting, device or training material, or the recipe has no use for some
            of the material.
    """
    config = parse(name, settings)
    given = {field.name: getattr(material, field.name) for field in fields(material)}
    if unused := [kind for kind, paths in given.items() if paths and kind not in USES[name]]:
        raise SottovoceError(f"{name} has no use for --{unused[0]}; leave it out")
    fabric = _fabric(machine)
    with ExitStack() as stack:
        recipe = _recipe(config, material, fabric, machine, stack)
        recipe.origin = "; ".join(f"{kind}: {_names(paths)}" for kind, paths in given.items() if paths)
        recipe.command = _command(name, given, settings, machine)
        return loop.run(recipe, folder, fabric)


def _recipe(config: Config, material: Material, fabric: Fabric, machine: Machine, stack: ExitStack) -> loop.Recipe:
    match config:
        case segan.Config():
            return segan.SEGANRecipe(_mixtures(material, config.mixing), config, fabric)
        case metricgan_plus.Config():
            pool = stack.enter_context(make_pool(machine.workers))
            return metricgan_plus.MetricGANPlusRecipe(_mixtures(material, config.mixing), config, fabric, pool)
        case ecapa_tdnn.Config():
            voices = Voices(material.speech, material.noise, material.rooms, config.augmentation)
            return ecapa_tdnn.ECAPATDNNRecipe(voices, config, fabric)
        case classifier.Config():
            clips = Clips(material.speech, material.noise, config.network.clip, config.variation)
            return classifier.ClassifierRecipe(clips, config, fabric)
        case advgan.Config():
            samples = load_classifier(config.victim).clip
            clips = Clips(material.speech, material.noise, samples, config.variation)
            return advgan.AdvGANRecipe(clips, config, fabric)
        case regression.Config():
            return regression.EnhancerRecipe(_mixtures(material, config.mixing), config, fabric)
        case deep_speech.Config():
            transcripts = Transcripts(material.speech, material.noise, config.variation, material.rooms, config.room)
            return deep_speech.DeepSpeechRecipe(transcripts, config, fabric)
        case ssed.Config():
            return ssed.SSEDRecipe(Voices(material.speech, (), (), Augmentation()), config, fabric)


def _mixtures(material: Material, mixing: MixingRange) -> SpeechInNoise:
    return SpeechInNoise(material.speech, material.noise, mixing, material.pairs)


def parse(name: str, settings: Mapping[str, str]) -> Config:
    """The recipe's settings, those that a person typed in the place of the defaults.

    Args:
        name: of the recipe.
        settings: as for `train`.

    Raises:
        SottovoceError: there is no such recipe or setting, or a value does not fit.
    """
    if name not in CONFIGS:
        raise SottovoceError(f"there is no recipe '{name}'; choose {', '.join(CONFIGS)}")
    values = _plain(CONFIGS[name]())
    for key, text in settings.items():
        *path, last = key.split(".")
        place = values
        for part in path:
            place = place.get(part, {}) if isinstance(place, dict) else {}
        if last not in place or isinstance(place[last], dict):
            raise SottovoceError(f"{name} has no setting '{key}'; see {CONFIGS[name].__module__}")
        place[last] = text.split(",") if isinstance(place[last], tuple) else text
    try:
        return TypeAdapter(CONFIGS[name]).validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise SottovoceError(f"the setting {key} cannot be {first['input']!r}: {first['msg']}") from error


def _plain(config: Any) -> dict[str, Any]:
    values = {field.name: getattr(config, field.name) for field in fields(config)}
    return {name: _plain(value) if is_dataclass(value) else value for name, value in values.items()}


def _fabric(machine: Machine) -> Fabric:
    try:
        precision: Literal["bf16-mixed", "32-true"] = "bf16-mixed" if machine.bfloat16 else "32-true"
        fabric = Fabric(accelerator=machine.accelerator, devices=machine.devices, precision=precision)
    except Exception as error:  # Fabric raises its own and several built-in exceptions for what a machine lacks
        reason = str(error).partition("\n")[0]
        raise SottovoceError(f"cannot train on {machine.devices} × {machine.accelerator}: {reason}") from error
    fabric.launch()
    return fabric


def _names(paths: Sequence[Path]) -> str:
    return ", ".join(path.name for path in paths)


def _command(name: str, given: Mapping[str, Sequence[Path]], settings: Mapping[str, str], machine: Machine) -> str:
    words = ["sottovoce", "train", name]
    for kind, paths in given.items():
        words += [word for path in paths for word in (f"--{kind}", path.name)]
    words += [word for pair in settings.items() for word in ("--set", "=".join(pair))]
    words += ["--bfloat16"] if machine.bfloat16 else []
    return shlex.join([*words, "-o", "FOLDER"])
