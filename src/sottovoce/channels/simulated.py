"""Impulse responses of simulated rooms, by the image method."""

from importlib.util import find_spec

import numpy as np
import torch
from torch import Tensor

from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.errors import SottovoceError

SMALLEST, LARGEST = (3.0, 3.0, 2.4), (8.0, 6.0, 3.5)
"""Width, depth and height in metres."""
FROM_WALLS = 0.5
"""Smallest distance of loudspeaker and microphone from a wall, in metres."""
NEAREST, FARTHEST = 0.5, 1.5
"""Distance between loudspeaker and microphone in metres; Yakura and Sakuma (2019) play to a device from 0.5 m."""
SHORTEST_T60, LONGEST_T60 = 0.2, 0.6
"""Seconds."""
MOST_TRIES = 100


def simulated_rooms(count: int, *, seed: int, seconds: float = 0.6) -> Tensor:
    """Shoebox rooms of 3 × 3 × 2.4 to 8 × 6 × 3.5 m with a reverberation time (T60, by Sabine) of 0.2 to 0.6 s.

    The size, the T60, the position of the loudspeaker, and the distance (0.5 to 1.5 m) and direction from it to the
    microphone are drawn uniformly. A draw is repeated if no absorption gives the T60 in a room of that size, or if the
    loudspeaker or the microphone is within 0.5 m of a wall.

    Args:
        count: number of rooms.
        seed: seed of the random numbers.
        seconds: length to which the responses are cut or zero-padded.

    Returns:
        Impulse responses at 16 kHz with a peak of 1, the direct sound: float32 `(count, taps)`.

    Raises:
        SottovoceError: pyroomacoustics is not installed.
    """
    if find_spec("pyroomacoustics") is None:
        raise SottovoceError("simulated rooms need pyroomacoustics: pip install 'sottovoce[recognition]'")
    random = np.random.default_rng(seed)
    return torch.stack([_response(random, round(seconds * MODEL_RATE)) for _ in range(count)])


def _response(random: np.random.Generator, taps: int) -> Tensor:
    import pyroomacoustics

    for _ in range(MOST_TRIES):
        size, t60 = random.uniform(SMALLEST, LARGEST), random.uniform(SHORTEST_T60, LONGEST_T60)
        source, direction = random.uniform(FROM_WALLS, size - FROM_WALLS), random.normal(size=3)
        microphone = source + random.uniform(NEAREST, FARTHEST) * direction / np.linalg.norm(direction)
        if (microphone < FROM_WALLS).any() or (microphone > size - FROM_WALLS).any():
            continue
        try:
            absorption, order = pyroomacoustics.inverse_sabine(t60, size)
        except ValueError:  # the room is too large for such a short T60
            continue
        walls = pyroomacoustics.Material(absorption)
        room = pyroomacoustics.ShoeBox(size, fs=MODEL_RATE, materials=walls, max_order=order)
        room.add_source(source)
        room.add_microphone(microphone)
        room.compute_rir()
        response = torch.zeros(taps)
        computed = torch.from_numpy(room.rir[0][0][:taps]).float()
        response[: len(computed)] = computed
        return response / response.abs().amax()
    raise AssertionError("no room could be drawn")
