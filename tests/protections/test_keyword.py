"""Words in long files: where they are, that only they are changed, and what the report says."""

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from sottovoce.audio import as_mono_16k, read
from sottovoce.errors import SottovoceError
from sottovoce.models.classifiers import Classifier
from sottovoce.perturbers import AdvGAN
from sottovoce.protections.base import done_before, protect_file
from sottovoce.protections.keyword import Keyword, find_words

CLIP = 16_000


class Loudness(Classifier):
    """Hears "loud" or "soft" by the mean square, with a threshold."""

    clip = CLIP
    labels = ("loud", "soft")

    def __init__(self) -> None:
        super().__init__()
        self.threshold = nn.Parameter(torch.tensor(1e-3))

    def classify(self, clips):
        power = clips.square().mean(-1)
        return torch.stack([power - self.threshold, self.threshold - power], -1)


@pytest.fixture(scope="module")
def generator() -> AdvGAN:
    torch.manual_seed(0)
    return AdvGAN(("loud", "soft"), width=1 / 16, limit=0.05).eval()


@pytest.fixture
def words(tmp_path):
    """A soft word at 1 s and a loud one at 4 s, in stereo at 22,050 Hz."""
    rate, random = 22_050, np.random.default_rng(0)
    samples = np.zeros((6 * rate, 2))
    for start, level in ((1.0, 0.03), (4.0, 0.2)):
        place = slice(round(start * rate), round((start + 0.5) * rate))
        samples[place] = level * random.standard_normal((place.stop - place.start, 1))
    soundfile.write(tmp_path / "in.wav", samples, rate)
    return tmp_path / "in.wav"


@pytest.fixture
def fooled(words, generator) -> Loudness:
    """Hears the generator's output at the soft word as louder than the word itself."""
    heard = torch.from_numpy(as_mono_16k(read(words)))
    start = find_words(heard, CLIP)[0]
    clip = heard[None, start : start + CLIP]
    with torch.no_grad():
        powers = [float(each.square().mean()) for each in (clip, generator(clip, targets=torch.tensor([0])))]
    assert powers[1] > powers[0]
    classifier = Loudness()
    with torch.no_grad():
        classifier.threshold.fill_(sum(powers) / 2)
    return classifier


def test_words_are_found_with_room_around_them() -> None:
    heard = torch.zeros(5 * 16_000)
    heard[16_000:20_000], heard[60_000:64_000] = 0.1, 0.05
    starts = [(16_000 + 20_000 - CLIP) // 2, (60_000 + 64_000 - CLIP) // 2]
    assert find_words(heard, CLIP) == pytest.approx(starts, abs=320)  # a frame


@given(st.lists(st.tuples(st.integers(0, 60_000), st.integers(100, 30_000)), min_size=1, max_size=5))
def test_every_loud_sample_is_in_exactly_one_clip(bursts) -> None:
    heard = torch.zeros(64_000)
    for start, length in bursts:
        heard[start : start + length] = 0.1
    starts = find_words(heard, CLIP)
    covered = torch.zeros(64_000 + CLIP)
    for start in starts:
        covered[start : start + CLIP] += 1
    assert (covered <= 1).all() and (covered[:64_000][heard > 0] == 1).all()


def test_a_word_is_changed_where_it_is_and_nowhere_else(words, generator, fooled, tmp_path) -> None:
    target = tmp_path / "out.wav"
    report = protect_file(words, target, Keyword("loud", generator=generator, classifier=fooled))
    before, after = (soundfile.read(path)[0] for path in (words, target))
    changed = np.flatnonzero((before != after).any(1)) / 22_050
    assert changed.min() > 0.7 and changed.max() < 1.8
    left = report.effect.words[0]
    assert [word.after for word in left] == ["loud", "loud"]
    assert [word.before for word in left] == ["soft", "loud"]
    assert [word.seconds for word in left] == pytest.approx([0.75, 3.75], abs=0.02)
    assert "1 of 1 words heard as loud" in report.line()
    assert report.snr >= 10


@torch.no_grad()
def test_the_change_is_the_generators(words, generator, tmp_path) -> None:
    heard = torch.zeros(1, 40_000)
    heard[0, 10_000:14_000] = 0.03 * torch.randn(4000, generator=torch.Generator().manual_seed(0))
    protection = Keyword("loud", generator=generator, classifier=Loudness())
    change = protection.perturb(heard, lambda _: None)
    (start,) = find_words(heard[0], CLIP)
    clip = heard[:, start : start + CLIP]
    expected = generator(clip, targets=torch.tensor([0])) - clip
    torch.testing.assert_close(change[:, start : start + CLIP], expected)
    assert not change[:, :start].any() and not change[:, start + CLIP :].any()


def test_a_rerun_knows_what_was_done(words, generator, fooled, tmp_path) -> None:
    target, classifier = tmp_path / "out.wav", fooled
    protect_file(words, target, Keyword("loud", generator=generator, classifier=classifier))
    assert done_before(words, target, Keyword("loud", generator=generator, classifier=classifier))
    assert not done_before(words, target, Keyword("soft", generator=generator, classifier=classifier))
    with torch.no_grad():
        classifier.threshold *= 1.0001
    assert not done_before(words, target, Keyword("loud", generator=generator, classifier=classifier))


def test_unknown_labels_are_refused_before_any_work(generator) -> None:
    with pytest.raises(SottovoceError, match="choose loud, soft"):
        Keyword("silent", generator=generator, classifier=Loudness())
    with pytest.raises(SottovoceError, match="'maybe'"):
        Keyword("loud", generator=AdvGAN(("loud", "maybe"), width=1 / 16), classifier=Loudness())


def test_a_word_that_stays_what_it_was_is_an_error(words, generator, tmp_path) -> None:
    deaf = Loudness()
    with torch.no_grad():
        deaf.threshold.fill_(1.0)
    with pytest.raises(SottovoceError, match="not protected: no word is heard as loud"):
        protect_file(words, tmp_path / "out.wav", Keyword("loud", generator=generator, classifier=deaf))
    with pytest.raises(SottovoceError, match="every word is heard as soft already"):
        protect_file(words, tmp_path / "out.wav", Keyword("soft", generator=generator, classifier=deaf))
    assert not (tmp_path / "out.wav").exists()


def test_a_classifier_that_nobody_attacked_is_asked_too(words, generator, fooled, tmp_path) -> None:
    protection = Keyword("loud", generator=generator, classifier=fooled)
    assert protection.witness is None
    deaf = Loudness()
    with torch.no_grad():
        deaf.threshold.fill_(1.0)
    protection.witness = deaf
    report = protect_file(words, tmp_path / "out.wav", protection)
    assert "ds-cnn, which was not attacked, hears 0 of them as loud" in report.line()
    assert [word.after for word in report.effect.witnessed[0]] == ["soft", "soft"]
