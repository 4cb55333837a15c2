"""How well scores tell same-speaker trials from others: equal error rate and detection cost."""

import torch
from torch import Tensor

from sottovoce.metrics.statistics import Interval


def error_rates(scores: Tensor, same: Tensor) -> tuple[Tensor, Tensor]:
    """False rejections and false acceptances at every threshold, from one that accepts none to one that accepts all.

    Args:
        scores: `(trials,)`, higher for voices that are more alike.
        same: bool `(trials,)`, whether it is one speaker.

    Returns:
        Two float64 tensors `(thresholds,)`, the first falling from 1 to 0, the second rising from 0 to 1. Trials with
        equal scores are accepted together.

    Raises:
        ValueError: if the shapes do not agree, a score is NaN, or there are no trials of one kind.
    """
    if scores.shape != same.shape or scores.ndim != 1:
        raise ValueError(f"expected scores and labels of one shape (trials,), got {scores.shape} and {same.shape}")
    if bool(scores.isnan().any()) or not bool(same.any()) or bool(same.all()):
        raise ValueError("an error rate needs trials of one speaker and of two, none of whose scores is NaN")
    order = scores.argsort(descending=True)
    ranked, labels = scores[order], same[order].double()
    last_of_ties = torch.cat([ranked[1:] != ranked[:-1], torch.ones(1, dtype=torch.bool, device=ranked.device)])
    hits, alarms = labels.cumsum(0)[last_of_ties], (1 - labels).cumsum(0)[last_of_ties]
    start = torch.zeros(1, dtype=torch.float64, device=ranked.device)
    return 1 - torch.cat([start, hits / labels.sum()]), torch.cat([start, alarms / (1 - labels).sum()])


def eer(scores: Tensor, same: Tensor) -> float:
    """Equal error rate: where the ROC, interpolated linearly between thresholds, has as many misses as false alarms.

    Args:
        scores, same: as in `error_rates`.

    Returns:
        A fraction from 0 to 1; above one half the scores rank other speakers higher.

    Raises:
        ValueError: as `error_rates`.
    """
    misses, alarms = error_rates(scores, same)
    crossed = _crossing(misses, alarms)
    before, after = (misses - alarms)[crossed - 1], (misses - alarms)[crossed]
    share = before / (before - after)
    return float(torch.lerp(alarms[crossed - 1], alarms[crossed], share))


def eer_threshold(scores: Tensor, same: Tensor) -> float:
    """The highest score at which there are at least as many false alarms as misses.

    Args:
        scores, same: as in `error_rates`; who scores as high or higher counts as the same.

    Raises:
        ValueError: as `error_rates`.
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
        target_prior: assumed share of same-speaker trials.
        miss_cost, alarm_cost: what each kind of error costs.

    Returns:
        1 is the cost of the better of the two answers that look at no score.

    Raises:
        ValueError: as `error_rates`.
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
    """Percentile bootstrap interval of the EER. Whole speakers are drawn, since their trials are not independent.

    Args:
        scores, same: as in `error_rates`.
        speakers: int64 `(trials,)`, who enrolled.
        confidence: between 0 and 1.
        resamples: how often as many speakers are drawn with replacement.
        generator: on the CPU.

    Raises:
        ValueError: as `error_rates`.
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
