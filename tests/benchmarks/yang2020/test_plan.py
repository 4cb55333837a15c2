"""What is measured."""

from benchmarks.yang2020.plan import Plan, jobs
from sottovoce.attacks import OverTheAir
from sottovoce.models.recognizers import DeepSpeech


def test_names_are_unique(recognition: Plan) -> None:
    names = [job.name for job in jobs(recognition)]
    assert len(set(names)) == len(names) == 2 + 4 + 4 + 3 + 1


def test_the_rooms_of_the_test_are_none_of_the_attack(recognition: Plan) -> None:
    attack = recognition.attack("gradient", DeepSpeech())
    assert isinstance(attack, OverTheAir)
    kinds = recognition.rooms(), recognition.further_rooms(), attack.rooms
    different = {room.numpy().tobytes() for rooms in kinds for room in rooms}
    assert len(different) == sum(len(rooms) for rooms in kinds) == 5 + 20 + 2
