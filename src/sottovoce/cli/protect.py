"""`sottovoce protect`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sottovoce.cli.defaults import SPEAKER_GENERATOR
from sottovoce.cli.display import progress_bar
from sottovoce.cli.places import for_each, jobs
from sottovoce.cli.secret import secret_from
from sottovoce.errors import SottovoceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sottovoce.models.enhancers import Enhancer
    from sottovoce.reversible.keys import Secret


def protect(
    sources: Annotated[list[Path], typer.Argument(metavar="IN...", help="Sound files, or folders of them.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file or folder to write.")],
    against: Annotated[
        str, typer.Option(help="Enhancers, names or paths with commas; or speaker, commands or recognizer.")
    ] = "metricgan-plus",
    attack: Annotated[str, typer.Option(help="opt, pgd or fgsm.")] = "opt",
    target: Annotated[str, typer.Option(help="What they should give: silence, noise or a sound FILE.")] = "silence",
    snr: Annotated[float, typer.Option(help="Loudness of speech over perturbation to keep, in dB.")] = 20.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same samples.")] = 0,
    report: Annotated[Path | None, typer.Option(help="Folder for a verification and pictures of each file.")] = None,
    key: Annotated[Path | None, typer.Option(help="speaker: key that restores the original.")] = None,
    passphrase: Annotated[bool, typer.Option("--passphrase", help="speaker: ask for a passphrase instead.")] = False,
    target_label: Annotated[str, typer.Option(help="commands: the word that should be heard.")] = "",
    generator: Annotated[str, typer.Option(help="speaker, commands: name or path of the generator.")] = "",
    classifier: Annotated[str, typer.Option(help="commands: name or path of who should mishear.")] = "wide-resnet",
    text: Annotated[str, typer.Option(help="recognizer: what it should write; without, other words.")] = "",
    recognizer: Annotated[
        str, typer.Option(help="recognizer: name or path of who is misled, or a folder with wav2vec 2.0.")
    ] = "deep-speech",
    in_rooms: Annotated[
        bool, typer.Option("--in-rooms", help="recognizer: the text should also be written where the file is played.")
    ] = False,
    steps: Annotated[
        int | None, typer.Option(min=1, help="recognizer: of the search; without, 100, to a text 1000, in rooms 300.")
    ] = None,
    judge: Annotated[str, typer.Option(help="speaker: name or path of who compares the voices.")] = "ecapa-tdnn",
    overwrite: Annotated[bool, typer.Option(help="Protect again what is done.")] = False,
) -> None:
    """Protect sound files: speech enhancement no longer gets the words, speaker recognition not who speaks, or a
    keyword classifier hears another word, a speech recogniser other words.

    Each protected file gets a report beside it (.sottovoce.json); a rerun skips what is done. With a key a voice can be
    given back bit for bit, from the companion beside the file (.veil), by sottovoce restore.
    """
    protect_one: Callable[[Path, Path], str]
    if against in ("speaker", "commands", "recognizer") and report is not None:
        raise SottovoceError(f"--report pictures what enhancers make of a file; leave it out with --against {against}")
    if against != "speaker" and (key is not None or passphrase):
        raise SottovoceError("a key restores what is protected with --against speaker; all else has no way back")
    if against != "recognizer" and (text or in_rooms or steps is not None):
        raise SottovoceError("--text, --in-rooms and --steps are for recognisers: add --against recognizer")
    if against == "speaker":
        protect_one = _hiding(generator or SPEAKER_GENERATOR, judge, secret_from(key, passphrase, new=True), overwrite)
    elif against == "commands":
        protect_one = _relabelling(generator or "advgan", classifier, target_label, overwrite)
    elif against == "recognizer":
        protect_one = _mistranscribing(recognizer, text, snr, steps, in_rooms, overwrite)
    else:
        settings = {"against": tuple(against.split(",")), "attack": attack, "target": target, "snr": snr, "seed": seed}
        protect_one = _silencing(settings, overwrite, report, output)
    for_each(jobs(sources, output), output, protect_one, "protected")


def _silencing(
    chosen: dict[str, object], overwrite: bool, report: Path | None, output: Path
) -> "Callable[[Path, Path], str]":
    from sottovoce.evaluation.enhance import load_enhancers
    from sottovoce.protections.settings import ProtectSettings
    from sottovoce.protections.words import done, protect_file

    settings = ProtectSettings.checked(**chosen)
    enhancers = load_enhancers(settings.against)

    def protect_one(source: Path, target: Path) -> str:
        if not overwrite and done(source, target, settings, enhancers):
            line = f"{source} → {target}: done before"
        else:
            with progress_bar(source.name) as progress:
                line = protect_file(source, target, settings, enhancers, progress).line()
        if report is not None:
            _verify(source, target, enhancers, report / target.relative_to(_root(output, target)))
        return line

    return protect_one


def _hiding(generator: str, judge: str, secret: "Secret | None", overwrite: bool) -> "Callable[[Path, Path], str]":
    from sottovoce.evaluation.voice import Judge
    from sottovoce.perturbers import SSED
    from sottovoce.protections.voice import hidden_before, hide_file

    network, listener = SSED.load(generator), Judge.load(judge)

    def hide_one(source: Path, target: Path) -> str:
        if not overwrite and hidden_before(source, target, network, with_companion=secret is not None):
            return f"{source} → {target}: done before"
        with progress_bar(source.name) as progress:
            return hide_file(source, target, network, generator, secret, listener, progress).line()

    return hide_one


def _relabelling(generator: str, classifier: str, label: str, overwrite: bool) -> "Callable[[Path, Path], str]":
    from sottovoce.models.classifiers import load_classifier
    from sottovoce.perturbers import AdvGAN
    from sottovoce.protections.keyword import check_labels, relabel_file, relabelled_before

    network, victim = AdvGAN.load(generator), load_classifier(classifier)
    check_labels(network, victim)
    network.label_number(label)

    def relabel_one(source: Path, target: Path) -> str:
        if not overwrite and relabelled_before(source, target, network, victim, label):
            return f"{source} → {target}: done before"
        with progress_bar(source.name) as progress:
            return relabel_file(source, target, network, victim, label, (generator, classifier), progress).line()

    return relabel_one


def _mistranscribing(
    name: str, text: str, snr: float, steps: int | None, in_rooms: bool, overwrite: bool
) -> "Callable[[Path, Path], str]":
    from sottovoce.models.recognizers import load_recognizer
    from sottovoce.protections.mistranscribing import mistranscribe_file, mistranscribed_before
    from sottovoce.text.ctc import encode
    from sottovoce.text.spelling import plain

    if in_rooms and not text:
        raise SottovoceError("--in-rooms needs a --text that should be written there")
    recognizer, wanted = load_recognizer(name), plain(text)
    encode(wanted, recognizer.alphabet)

    def mistranscribe_one(source: Path, target: Path) -> str:
        if not overwrite and mistranscribed_before(source, target, recognizer, wanted, snr, steps, in_rooms=in_rooms):
            return f"{source} → {target}: done before"
        with progress_bar(source.name) as progress:
            report = mistranscribe_file(
                source,
                target,
                recognizer,
                name,
                text=wanted,
                snr=snr,
                steps=steps,
                in_rooms=in_rooms,
                progress=progress,
            )
        return report.line()

    return mistranscribe_one


def _root(output: Path, target: Path) -> Path:
    return target.parent if target == output else output


def _verify(source: Path, target: Path, enhancers: "Mapping[str, Enhancer]", report: Path) -> None:
    from sottovoce.evaluation.verify import verify
    from sottovoce.models.recognizers import PocketSphinx
    from sottovoce.writing import make_folder, write_text

    make_folder(report.parent)
    result = verify(source, target, enhancers, PocketSphinx(), pictures=report)
    write_text(report.with_name(report.name + ".json"), result.model_dump_json(indent=2) + "\n")
