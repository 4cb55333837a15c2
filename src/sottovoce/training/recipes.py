"""The recipes by name, with settings and corpora as typed on the command line."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple

from lightning_fabric import Fabric

from sottovoce.errors import SottovoceError
from sottovoce.models.classifiers import load_classifier
from sottovoce.training import (
    advgan,
    classifier,
    deep_speech,
    ecapa_tdnn,
    keyed_ssed,
    loop,
    metricgan_plus,
    regression,
    segan,
    ssed,
    whisper_student,
)
from sottovoce.training.clips import Clips
from sottovoce.training.crops import Crops
from sottovoce.training.data import MixingRange, SpeechInNoise
from sottovoce.training.machine import Machine
from sottovoce.training.pesq_pool import make_pool
from sottovoce.training.settings import parse_settings
from sottovoce.training.transcripts import Transcripts
from sottovoce.training.voices import Augmentation, Voices

__all__ = ["RECIPES", "Machine", "Material", "check_options", "parse", "train"]

Config = (
    segan.Config
    | metricgan_plus.Config
    | ecapa_tdnn.Config
    | keyed_ssed.Config
    | ssed.Config
    | classifier.WideResNetConfig
    | classifier.SampleCNNConfig
    | classifier.DSCNNConfig
    | classifier.Res8Config
    | advgan.Config
    | deep_speech.Config
    | regression.WaveUNetConfig
    | regression.DNNConfig
    | whisper_student.Config
)


class Kind(NamedTuple):
    """A recipe's settings, and the options of `sottovoce train` that it takes, of those that not every recipe takes."""

    config: type[Config]
    options: tuple[str, ...]


RECIPES = {
    "advgan": Kind(advgan.Config, ("speech", "noise", "victim", "target")),
    "deep-speech": Kind(deep_speech.Config, ("speech", "noise", "rooms")),
    "dnn": Kind(regression.DNNConfig, ("speech", "noise", "pairs")),
    "ds-cnn": Kind(classifier.DSCNNConfig, ("speech", "noise")),
    "ecapa-tdnn": Kind(ecapa_tdnn.Config, ("speech", "noise", "rooms")),
    "keyed-ssed": Kind(keyed_ssed.Config, ("speech", "victim")),
    "metricgan-plus": Kind(metricgan_plus.Config, ("speech", "noise", "pairs", "workers")),
    "res8": Kind(classifier.Res8Config, ("speech", "noise")),
    "sample-cnn": Kind(classifier.SampleCNNConfig, ("speech", "noise")),
    "segan": Kind(segan.Config, ("speech", "noise", "pairs")),
    "ssed": Kind(ssed.Config, ("speech", "victim")),
    "wave-unet": Kind(regression.WaveUNetConfig, ("speech", "noise", "pairs")),
    "whisper-student": Kind(whisper_student.Config, ("speech", "noise", "teacher")),
    "wide-resnet": Kind(classifier.WideResNetConfig, ("speech", "noise")),
}


@dataclass(frozen=True)
class Material:
    """Manifests or corpus folders to train on.

    Args:
        speech: clean speech; with speakers for `ecapa-tdnn`, `keyed-ssed` and `ssed`, with labels for classifiers and
            `advgan`, with transcripts for `deep-speech`.
        noise: noise; required by the enhancers.
        rooms: room impulse responses, for `ecapa-tdnn` and `deep-speech`.
        pairs: pairs of clean and degraded recordings, for the enhancers.

    Example:
        >>> list(Material([Path("speech")], noise=[Path("noise")]).given())
        ['speech', 'noise']
    """

    speech: Sequence[Path]
    noise: Sequence[Path] = ()
    rooms: Sequence[Path] = ()
    pairs: Sequence[Path] = ()

    def given(self) -> dict[str, Sequence[Path]]:
        """The kinds of material that there are, in the order of the fields."""
        kinds = {field.name: getattr(self, field.name) for field in fields(self)}
        return {kind: paths for kind, paths in kinds.items() if paths}


def train(name: str, material: Material, folder: Path, settings: Mapping[str, str], machine: Machine) -> Path:
    """Train a network, or resume if `folder` holds a checkpoint.

    Args:
        name: a key of `RECIPES`.
        material: what to train on.
        folder: folder of log, checkpoint and weights.
        settings: fields of the recipe's `Config` as text, e.g. `{"epochs": "10", "mixing.snr": "-5,16"}`.
        machine: what to run on.

    Returns:
        The path of the best weights; their card is beside them.

    Raises:
        SottovoceError: there is no such recipe, setting, device or training material, or the recipe does not take some
            of the material.
    """
    config = parse(name, settings)
    check_options(name, material.given())
    fabric = machine.fabric()
    with ExitStack() as stack:
        recipe = _recipe(config, material, fabric, machine, stack)
        recipe.origin = "; ".join(f"{kind}: {_names(paths)}" for kind, paths in material.given().items())
        recipe.command = _command(name, material, settings, machine)
        return loop.run(recipe, folder, fabric)


def parse(name: str, settings: Mapping[str, str]) -> Config:
    """The settings of a recipe: its defaults, with those in `settings` replaced.

    Args:
        name: a key of `RECIPES`.
        settings: as for `train`.

    Raises:
        SottovoceError: there is no such recipe or setting, or a value has the wrong type or is out of range.
    """
    return parse_settings(_kind(name).config, name, settings)


def check_options(name: str, given: Iterable[str]) -> None:
    """Refuse options that have no effect on a recipe.

    Args:
        name: a key of `RECIPES`.
        given: names of options without their dashes, of those that not every recipe takes.

    Raises:
        SottovoceError: there is no such recipe, or it does not take one of the options.
    """
    taken = _kind(name).options
    if wrong := [option for option in given if option not in taken]:
        known = [f"--{option}" for option in taken]
        listed = " and ".join([", ".join(known[:-1]), known[-1]] if len(known) > 1 else known)
        raise SottovoceError(f"{name} does not take --{wrong[0]}; it takes {listed}")


def _kind(name: str) -> Kind:
    if name not in RECIPES:
        raise SottovoceError(f"there is no recipe '{name}'; choose {', '.join(RECIPES)}")
    return RECIPES[name]


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
            samples = min(load_classifier(name).clip for name in config.victims)
            clips = Clips(material.speech, material.noise, samples, config.variation)
            return advgan.AdvGANRecipe(clips, config, fabric)
        case regression.Config():
            return regression.EnhancerRecipe(_mixtures(material, config.mixing), config, fabric)
        case deep_speech.Config():
            transcripts = Transcripts(material.speech, material.noise, config.variation, material.rooms, config.room)
            return deep_speech.DeepSpeechRecipe(transcripts, config, fabric)
        case keyed_ssed.Config():
            return keyed_ssed.KeyedSSEDRecipe(Voices(material.speech, (), (), Augmentation()), config, fabric)
        case ssed.Config():
            return ssed.SSEDRecipe(Voices(material.speech, (), (), Augmentation()), config, fabric)
        case whisper_student.Config():
            crops = Crops(material.speech, material.noise, config.spoiling)
            return whisper_student.WhisperStudentRecipe(crops, config, fabric)


def _mixtures(material: Material, mixing: MixingRange) -> SpeechInNoise:
    return SpeechInNoise(material.speech, material.noise, mixing, material.pairs)


def _names(paths: Sequence[Path]) -> str:
    return ", ".join(path.name for path in paths)


def _command(name: str, material: Material, settings: Mapping[str, str], machine: Machine) -> str:
    words = ["sottovoce", "train", name]
    for kind, paths in material.given().items():
        words += [word for path in paths for word in (f"--{kind}", path.name)]
    words += [word for pair in settings.items() for word in ("--set", "=".join(pair))]
    words += ["--bfloat16"] if machine.bfloat16 else []
    return shlex.join([*words, "-o", "FOLDER"])
