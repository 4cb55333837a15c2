"""The recipes by name, with settings and corpora as a person types them."""

import shlex
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

from lightning_fabric import Fabric
from pydantic import TypeAdapter, ValidationError

from sottovoce.errors import SottovoceError
from sottovoce.training import loop, metricgan_plus, segan
from sottovoce.training.data import SpeechInNoise
from sottovoce.training.pesq_pool import make_pool

CONFIGS: dict[str, type[segan.Config] | type[metricgan_plus.Config]] = {
    "metricgan-plus": metricgan_plus.Config,
    "segan": segan.Config,
}


@dataclass(frozen=True)
class Machine:
    """What a training runs on; see Lightning Fabric.

    Attributes:
        accelerator: "auto", "cpu", "cuda", …
        devices: how many.
        workers: processes that measure PESQ.
    """

    accelerator: str = "auto"
    devices: int = 1
    workers: int = 2


def train(
    name: str,
    speech: Sequence[Path],
    noise: Sequence[Path],
    folder: Path,
    settings: Mapping[str, str],
    machine: Machine,
) -> Path:
    """Train a network, or go on where `folder` holds a checkpoint.

    Args:
        name: "metricgan-plus" or "segan".
        speech: manifests or corpus folders of clean speech.
        noise: the same of noise.
        folder: where log, checkpoint and weights go.
        settings: fields of the recipe's `Config` as text, e.g. `{"epochs": "10", "mixing.snr": "-5,16"}`.
        machine: what to run on.

    Returns:
        The path of the best weights, with their card beside them.

    Raises:
        SottovoceError: there is no such recipe, setting, device or training material.
    """
    config = parse(name, settings)
    fabric = _fabric(machine)
    with ExitStack() as stack:
        data = SpeechInNoise(speech, noise, config.mixing)
        recipe: loop.Recipe
        if isinstance(config, segan.Config):
            recipe = segan.SEGANRecipe(data, config, fabric)
        else:
            pool = stack.enter_context(make_pool(machine.workers))
            recipe = metricgan_plus.MetricGANPlusRecipe(data, config, fabric, pool)
        recipe.origin = f"speech: {_names(speech)}; noise: {_names(noise)}"
        recipe.command = _command(name, speech, noise, settings)
        return loop.run(recipe, folder, fabric)


def parse(name: str, settings: Mapping[str, str]) -> segan.Config | metricgan_plus.Config:
    """The recipe's settings, those that a person typed in the place of the defaults.

    Args:
        name: of the recipe.
        settings: as for `train`.

    Raises:
        SottovoceError: there is no such recipe or setting, or a value does not fit.
    """
    if name not in CONFIGS:
        raise SottovoceError(f"there is no recipe '{name}'; choose {' or '.join(CONFIGS)}")
    values = _plain(CONFIGS[name]())
    for key, text in settings.items():
        *path, last = key.split(".")
        place = values
        for part in path:
            place = place.get(part, {}) if isinstance(place, dict) else {}
        if last not in place or isinstance(place[last], dict):
            raise SottovoceError(f"{name} has no setting '{key}'; see sottovoce.training.{name.replace('-', '_')}")
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
        fabric = Fabric(accelerator=machine.accelerator, devices=machine.devices)
    except Exception as error:  # Fabric raises its own and several built-in exceptions for what a machine lacks
        reason = str(error).partition("\n")[0]
        raise SottovoceError(f"cannot train on {machine.devices} × {machine.accelerator}: {reason}") from error
    fabric.launch()
    return fabric


def _names(paths: Sequence[Path]) -> str:
    return ", ".join(path.name for path in paths)


def _command(name: str, speech: Sequence[Path], noise: Sequence[Path], settings: Mapping[str, str]) -> str:
    words = ["sottovoce", "train", name]
    for option, paths in (("--speech", speech), ("--noise", noise)):
        words += [word for path in paths for word in (option, path.name)]
    words += [word for pair in settings.items() for word in ("--set", "=".join(pair))]
    return shlex.join([*words, "-o", "FOLDER"])
