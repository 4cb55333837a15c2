"""Speaker verification: equal error rate and detection cost."""

import torch
from torch import Tensor

from sottovoce.metrics.statistics import Interval


def error_rates(scores: Tensor, same: Tensor) -> tuple[Tensor, Tensor]:
    """Miss and false-alarm rates at every threshold, from accepting no trial to accepting all.

    Args:
        scores: `(trials,)`, higher for more similar voices.
        same: bool `(trials,)`, whether both recordings are of the same speaker.

    Returns:
        Two float64 tensors `(thresholds,)`: miss rates from 1 down to 0 and false-alarm rates from 0 up to 1. Trials
        with equal scores are accepted together.

    Raises:
        ValueError: if the shapes do not match, a score is NaN, or all trials are of one kind.

    Example:
        >>> misses, alarms = error_rates(torch.tensor([0.9, 0.5, 0.1]), torch.tensor([True, False, True]))
        >>> misses.tolist(), alarms.tolist()
        ([1.0, 0.5, 0.5, 0.0], [0.0, 0.0, 1.0, 1.0])
    """
    if scores.shape != same.shape or scores.ndim != 1:
        raise ValueError(f"expected scores and labels of one shape (trials,), got {scores.shape} and {same.shape}")
    if bool(scores.isnan().any()) or not bool(same.any()) or bool(same.all()):
        raise ValueError(
            "an error rate needs trials of same and of different speakers, and none of the scores may be NaN"
        )
    order = scores.argsort(descending=True)
    ranked, labels = scores[order], same[order].double()
    last_of_ties = torch.cat([ranked[1:] != ranked[:-1], torch.ones(1, dtype=torch.bool, device=ranked.device)])
    hits, alarms = labels.cumsum(0)[last_of_ties], (1 - labels).cumsum(0)[last_of_ties]
    start = torch.zeros(1, dtype=torch.float64, device=ranked.device)
    return 1 - torch.cat([start, hits / labels.sum()]), torch.cat([start, alarms / (1 - labels).sum()])


def eer(scores: Tensor, same: Tensor) -> float:
    """Equal error rate, where the miss rate equals the false-alarm rate on the linearly interpolated ROC curve.

    Args:
        scores, same: as in `error_rates`.

    Returns:
        A fraction from 0 to 1; above 0.5, different speakers score higher.

    Raises:
        ValueError: as `error_rates`.

    Example:
        >>> eer(torch.tensor([0.9, 0.5, 0.7, 0.1]), torch.tensor([True, True, False, False]))
        0.5
    """
    misses, alarms = error_rates(scores, same)
    crossed = _crossing(misses, alarms)
    before, after = (misses - alarms)[crossed - 1], (misses - alarms)[crossed]
    share = before / (before - after)
    return float(torch.lerp(alarms[crossed - 1], alarms[crossed], share))


def eer_threshold(scores: Tensor, same: Tensor) -> float:
    """The highest threshold at which the false-alarm rate is at least the miss rate.

    Args:
        scores, same: as in `error_rates`.

    Returns:
        One of the scores; trials with this score or a higher one are accepted.

    Raises:
        ValueError: as `error_rates`.

    Example:
        >>> eer_threshold(torch.tensor([4.0, 3.0, 2.0, 1.0]), torch.tensor([True, True, False, False]))
        3.0
    """
    misses, alarms = error_rates(scores, same)
    return float(torch.unique(scores).flip(0)[_crossing(misses, alarms) - 1])


def _crossing(misses: Tensor, alarms: Tensor) -> int:
    return int(torch.nonzero(alarms >= misses)[0])


def min_dcf(
    scores: Tensor, same: Tensor, *, target_prior: float = 0.01, miss_cost: float = 1.0, alarm_cost: float = 1.0
) -> float:
    """Lowest normalised detection cost over all thresholds (NIST SRE 2008 evaluation plan, section 4).

    Args:
        scores, same: as in `error_rates`.
        target_prior: assumed proportion of same-speaker trials.
        miss_cost, alarm_cost: cost of each kind of error.

    Returns:
        The cost relative to the cheaper of accepting all trials and rejecting all: from 0 to 1.

    Raises:
        ValueError: as `error_rates`.

    Example:
        >>> min_dcf(torch.tensor([0.9, 0.5, 0.7, 0.1]), torch.tensor([True, True, False, False]))
        0.5
    """
    misses, alarms = error_rates(scores, same)
    costs = miss_cost * target_prior * misses + alarm_cost * (1 - target_prior) * alarms
    return float(costs.min()) / min(miss_cost * target_prior, alarm_cost * (1 - target_prior))


def eer_interval(
    scores: Tensor,
    same: Tensor,
    speakers: Tensor,
    *,
    confidence: float = 0.95,
    resamples: int = 1000,
    generator: torch.Generator,
) -> Interval:
    """Percentile bootstrap interval of the EER over speakers, since the trials of one speaker are not independent.

    Args:
        scores, same: as in `error_rates`.
        speakers: int64 `(trials,)`, the enrolled speaker of each trial.
        confidence: between 0 and 1.
        resamples: number of resamples, each of as many speakers with all their trials.
        generator: random number generator on the CPU.

    Raises:
        ValueError: as `error_rates`.

    Example:
        >>> same, speakers = torch.arange(200) % 2 == 0, torch.arange(200) // 10
        >>> generator = torch.Generator().manual_seed(0)
        >>> scores = same + torch.randn(200, generator=generator)
        >>> interval = eer_interval(scores, same, speakers, resamples=100, generator=generator)
        >>> 0 < interval.low < eer(scores, same) < interval.high < 0.5
        True
    """
    error_rates(scores, same)
    trials = [torch.nonzero(speakers == name)[:, 0] for name in sorted(set(speakers.tolist()))]
    found = []
    for _ in range(resamples):
        drawn = torch.cat([trials[i] for i in torch.randint(len(trials), (len(trials),), generator=generator).tolist()])
        if bool(same[drawn].any()) and not bool(same[drawn].all()):
            found.append(eer(scores[drawn], same[drawn]))
    tail = (1 - confidence) / 2
    low, high = torch.tensor(found, dtype=torch.float64).quantile(torch.tensor([tail, 1 - tail]).double()).tolist()
    return Interval(low, high)
