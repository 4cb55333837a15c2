"""Trials compare whom they say they compare."""

from collections import Counter
from pathlib import Path

from benchmarks.guo2024.trials import of_sex, per_speaker, per_utterance
from sottovoce.corpora import Utterance

CORPUS = [
    Utterance(Path(f"{speaker}-{number}.wav"), "test", speaker=str(speaker), sex="MF"[speaker % 2])
    for speaker in range(20)
    for number in range(5)
]


def test_one_target_and_thirty_others_of_the_same_sex() -> None:
    for trials, tested in ((per_utterance(CORPUS), 100), (per_speaker(CORPUS), 20)):
        assert len(trials) == len(set(trials)) == 31 * tested
        assert Counter(Counter(trial.tested for trial in trials).values()) == {31: tested}
        assert sum(trial.same for trial in trials) == tested
        for trial in trials:
            enrolled, heard = CORPUS[trial.enrolled], CORPUS[trial.tested]
            assert trial.enrolled != trial.tested and enrolled.sex == heard.sex
            assert (enrolled.speaker == heard.speaker) == trial.same


def test_the_seed_decides() -> None:
    assert per_utterance(CORPUS, 1) == per_utterance(CORPUS, 1) != per_utterance(CORPUS, 2)
    women = of_sex(per_utterance(CORPUS), CORPUS, "F")
    assert len(women) == 31 * 50 and all(CORPUS[trial.tested].sex == "F" for trial in women)


def test_small_corpora_give_what_they_have() -> None:
    trials = per_utterance([*CORPUS[:5], CORPUS[10], CORPUS[5]])
    assert Counter((trial.tested, trial.same) for trial in trials)[5, False] == 5  # one other man, of five utterances
    assert not any(trial.tested == 6 for trial in trials)  # a woman of one utterance, and no other woman
