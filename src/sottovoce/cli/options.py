"""Arguments and options that several commands share."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from sottovoce.errors import SottovoceError
from sottovoce.processes import each
from sottovoce.remote import Remote, place
from sottovoce.workers import Each


def source_path(text: str) -> Path:
    """The path of a file to read; an empty one, such as an unset shell variable, is not the current folder.

    Raises:
        SottovoceError: the text is empty, or names a file elsewhere.
    """
    return _here(source_place(text))


def output_path(text: str) -> Path:
    """The path of a file or folder to write.

    Raises:
        SottovoceError: the text is empty or stands for standard output, or names a file elsewhere.
    """
    return _here(output_place(text))


def source_place(text: str) -> Path:
    """The same, also of a file elsewhere.

    Raises:
        SottovoceError: the text is empty.
    """
    if not str(text):
        raise SottovoceError("the name of a file to read is empty; check the command line")
    return place(str(text))


def output_place(text: str) -> Path:
    """The path of a file or folder to write, also elsewhere.

    Raises:
        SottovoceError: the text is empty or stands for standard output.
    """
    if not str(text):
        raise SottovoceError("the name of the output is empty; check the command line")
    if str(text) == "-":
        raise SottovoceError("'-': nothing is written to standard output; name a file or folder")
    return place(str(text))


def _here(path: Path) -> Path:
    if isinstance(path, Remote):
        raise SottovoceError(f"{path}: this has to lie on this machine; copy it here first")
    return path


Sources = Annotated[
    list[Path],
    typer.Argument(
        metavar="IN...",
        parser=source_place,
        help="Sound files, folders of them, patterns in quotes ('rec/**/*.wav'), or manifests (.csv); also elsewhere "
        "(s3://bucket/rec).",
    ),
]
Output = Annotated[
    Path, typer.Option("-o", "--output", metavar="OUT", parser=output_place, help="The file or folder to write.")
]
Device = Annotated[str, typer.Option(metavar="DEVICE", help="auto, cpu, cuda or cuda:N.")]
Listeners = Annotated[
    str | None,
    typer.Option(
        metavar="NAMES",
        help="Who listens: names or paths, separated by commas; + chains them; all is everybody whom sottovoce "
        "listeners shows (default: pocketsphinx, ecapa-tdnn, metricgan-plus, and whisper-tiny.en where it is here).",
    ),
]
Survival = Annotated[
    bool, typer.Option("--survival", help="Measure again after codecs, a telephone, filters, purifiers and a room.")
]
Attacked = Annotated[
    str | None,
    typer.Option(
        metavar="NAMES",
        help="On whom the protection was made, separated by commas, whether they listen here or not: the verdict then "
        "rests on listeners and channels that were never attacked.",
    ),
]
Key = Annotated[
    Path | None, typer.Option(metavar="FILE", parser=source_path, help="Key file, made by sottovoce keygen.")
]
Passphrase = Annotated[bool, typer.Option("--passphrase", help="Ask for a passphrase instead of a key file.")]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Do finished files again, and replace files that sottovoce did not write.")
]
Report = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        parser=output_place,
        help="Folder for a report on each file (what was done, measured and heard) and a summary of several.",
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        min=1,
        help="How many processes work at the same time, each on one thread; the files are the same for every N "
        "(default: one, on all threads).",
    ),
]
Engine = Annotated[
    str,
    typer.Option(
        metavar="processes|ray",
        help="What --jobs counts: processes of this machine, or actors of a Ray cluster, the one at RAY_ADDRESS or one "
        "that is started here (then by default as many as the cluster has processors).",
    ),
]
Settings = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A setting of the recipe.")]


def engine(name: str, device: str) -> Each:
    """What runs many tasks.

    Args:
        name: as in `--engine`.
        device: as in `--device`; whoever wants another than the CPU gets one.

    Raises:
        SottovoceError: there is no such engine, or its extra is not installed.
    """
    if name == "processes":
        return each
    if name != "ray":
        raise SottovoceError(f"--engine {name}: no such engine; choose processes or ray")
    from sottovoce import cluster

    cluster.check()
    return cluster.each if device == "cpu" else partial(cluster.each, gpu=True)


def names(listed: str, option: str = "--against") -> list[str]:
    """`"a,b+c"` as `["a", "b+c"]`.

    Raises:
        SottovoceError: a name is empty.
    """
    found = [name.strip() for name in listed.split(",")]
    if not all(found):
        raise SottovoceError(f"{option} '{listed}': a name is empty; write NAME or NAME,NAME")
    return found


def parsed(settings: Sequence[str] | None) -> dict[str, str]:
    """`["epochs=3"]` as `{"epochs": "3"}`.

    Raises:
        SottovoceError: one has no equals sign.
    """
    if wrong := next((setting for setting in settings or () if "=" not in setting), None):
        raise SottovoceError(f"--set {wrong}: write it as KEY=VALUE")
    pairs = [setting.partition("=") for setting in settings or ()]
    return {key: value for key, _, value in pairs}
