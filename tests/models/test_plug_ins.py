"""Listeners of other packages: real ones join the panel, broken ones are told of and break nothing."""

import importlib
import re
import tomllib
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

import sottovoce
from sottovoce.cli.app import app
from sottovoce.errors import SottovoceError
from sottovoce.models.built_in import built_in
from sottovoce.models.loading import load_listener
from sottovoce.models.registry import GROUP, listeners

DOCUMENT = Path(__file__).parents[2] / "docs" / "plug-ins.md"
NUMBERS = count()
EARS = """
from torch import nn
from sottovoce.models.registry import Listener

FIELDS = dict(
    name="ears", kind="enhancer", family="none", parameters=0, used_by="nobody", source="made up",
    licence="CC0-1.0", gradients=True, load=nn.Identity,
)
ears = Listener(**FIELDS)
"""

Install = Callable[..., str]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Installs the package "dummy" with a module and an entry point, and gives the module's name."""

    def installed(code: str, attribute: str = "ears", name: str = "ears", module: str | None = None) -> str:
        module = module or f"dummy{next(NUMBERS)}"  # Python imports a module of a name once
        site = tmp_path / module
        metadata = site / "dummy-0.1.dist-info"
        metadata.mkdir(parents=True)
        (site / f"{module}.py").write_text(code, encoding="utf-8")
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: dummy\nVersion: 0.1\n", encoding="utf-8")
        entry = f"[{GROUP}]\n{name} = {module}:{attribute}\n"
        (metadata / "entry_points.txt").write_text(entry, encoding="utf-8")
        monkeypatch.syspath_prepend(site)
        importlib.invalidate_caches()
        return module

    return installed


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def test_the_example_of_the_document_joins_the_panel(install: Install) -> None:
    (code,), (settings,) = _blocks("python"), _blocks("toml")
    ((name, place),) = tomllib.loads(settings)["project"]["entry-points"][GROUP].items()
    module, _, attribute = place.partition(":")
    before = list(listeners())
    install(code, attribute, name, module)

    assert list(listeners()) == [*before, "smoother"]
    network = load_listener("smoother")
    assert not network.training and listeners()["smoother"].missing() is None
    heard = network(torch.tensor([[1.0, 3.0, 5.0], [2.0, 9.0, 9.0]]), torch.tensor([3, 1]))
    assert heard.tolist() == [[0.5, 2.0, 4.0], [1.0, 0.0, 0.0]]
    assert load_listener("smoother+pocketsphinx").end.name == "pocketsphinx"

    shown = CliRunner().invoke(app, ["listeners"])
    assert shown.exit_code == 0 and "nobody; an example" in shown.output
    details = CliRunner().invoke(app, ["listeners", "smoother"]).output.splitlines()
    assert "family: moving average" in details and "here: yes" in details


def test_the_document_tells_every_field() -> None:
    told = re.findall(r"^\| `(\w+)` \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert told == list(built_in()[0].__dataclass_fields__)


def test_the_document_names_files_that_are_there() -> None:
    named = re.findall(r"\(`([\w/]+\.py)`\)", DOCUMENT.read_text(encoding="utf-8"))
    assert named and all((Path(sottovoce.__file__).parent / name).is_file() for name in named)


def test_a_function_may_give_the_listener(install: Install) -> None:
    install(EARS + "def make():\n    return Listener(**FIELDS | {'kind': 'recogniser'})\n", "make")
    assert [name for name, each in listeners().items() if each.kind == "recogniser"][-1] == "ears"


@pytest.mark.parametrize(
    ("code", "attribute", "reason"),
    [
        ("import nobody_has_this", "ears", "No module named 'nobody_has_this'"),
        ("raise ValueError('first line\\nsecond line')", "ears", "ValueError: first line second line"),
        ("raise SystemExit(3)", "ears", "SystemExit: 3"),
        ("ears = 5", "ears", "TypeError"),
        (EARS + "def make():\n    return nn.Identity()\n", "make", "it gives Identity, not Listener"),
        (EARS, "eyes", "AttributeError"),
        (EARS + "ears = Listener(**FIELDS | {'kind': 'recognizer'})", "ears", "'recognizer' is no kind of listener"),
        (EARS + "ears = Listener(**FIELDS | {'kind': 'plug-in'})", "ears", "'plug-in' is no kind of listener"),
        (EARS + "ears = Listener(**FIELDS | {'name': 'all'})", "ears", "the name 'all' is taken"),
        (EARS + "ears = Listener(**FIELDS | {'name': 'a+b'})", "ears", "'a+b' cannot be a name"),
        (EARS + "ears = Listener(**FIELDS | {'name': 5})", "ears", "5 cannot be a name"),
        (EARS + "ears = Listener(**FIELDS | {'name': 'dtln'})", "ears", "the name 'dtln' is taken"),
        (EARS + "ears = Listener(**FIELDS | {'name': 'wave-unet'})", "ears", "the name 'wave-unet' is taken"),
    ],
)
def test_a_broken_one_is_told_of_and_breaks_nothing(install: Install, code: str, attribute: str, reason: str) -> None:
    before = listeners()
    module = install(code, attribute)
    known = listeners()
    assert list(known) == [*before, "ears"] and all(known[name] is before[name] for name in before)
    told = known["ears"].missing()
    assert told is not None and reason in told and "\n" not in told
    assert told.startswith(f"{module}:{attribute} is no plug-in (")
    assert told.endswith("); update it, or: pip uninstall dummy")
    with pytest.raises(SottovoceError) as caught:
        load_listener("ears")
    assert str(caught.value) == f"ears: {told}"
    assert load_listener("deep-speech") is not None
    shown = CliRunner().invoke(app, ["listeners"])
    assert shown.exit_code == 0 and shown.output.count("is no plug-in") == 1


@pytest.mark.parametrize("name", ["deep-speech", "wave-unet", "all"])
def test_a_broken_one_under_a_name_that_is_taken_goes_by_its_place(install: Install, name: str) -> None:
    module = install("raise OSError('gone')", name=name)
    known = listeners()
    assert name not in known or known[name].kind != "plug-in"
    assert name == "all" or load_listener(name) is not None
    told = known[f"{module}:ears"].missing()
    assert told is not None and "OSError: gone" in told


def test_a_broken_one_is_tried_once(install: Install, tmp_path: Path) -> None:
    log = tmp_path / "log"
    install(f"open({str(log)!r}, 'a').write('x')\nraise RuntimeError")
    for _ in range(3):
        listeners()
    assert log.read_text() == "x"


def test_an_error_while_looking_for_files_is_the_plug_ins_own(install: Install) -> None:
    install(EARS + "ears = Listener(**FIELDS | {'locate': lambda: open('/nobody/has/this')})")
    told = listeners()["ears"].missing()
    assert told is not None and told.startswith("cannot be found (FileNotFoundError: ") and "\n" not in told
