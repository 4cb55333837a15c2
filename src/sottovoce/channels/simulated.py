"""Impulse responses of rooms that exist nowhere, by the image method."""

from importlib.util import find_spec

import numpy as np
import torch
from torch import Tensor

from sottovoce.audio.resampling import MODEL_RATE
from sottovoce.errors import SottovoceError

SMALLEST, LARGEST = (3.0, 3.0, 2.4), (8.0, 6.0, 3.5)
"""Metres."""
FROM_WALLS = 0.5
NEAREST, FARTHEST = 0.5, 1.5
"""Metres between loudspeaker and microphone: someone speaks to a device, or plays to it (Yakura and Sakuma: 0.5)."""
SHORTEST_T60, LONGEST_T60 = 0.2, 0.6
MOST_TRIES = 100


def simulated_rooms(count: int, *, seed: int, seconds: float = 0.6) -> Tensor:
    """Shoe-box rooms of 3 × 3 × 2.4 to 8 × 6 × 3.5 m with a reverberation time (T60, by Sabine) of 0.2 to 0.6 s.

    Size, T60, where the loudspeaker stands, and in which direction and how far from it, 0.5 to 1.5 m, the microphone,
    are drawn uniformly; sizes that no wall can give the drawn T60 are drawn again, as are places too near to a wall.

    Args:
        count: rooms.
        seed: of what is drawn.
        seconds: length to which the responses are cut or filled up.

    Returns:
        Impulse responses at 16 kHz, the direct sound with a peak of 1: float32 `(count, taps)`.

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
        except ValueError:  # the room is too large for such a short reverberation
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
