"""Ablations are of recipes and settings that exist."""

from pathlib import Path

import pytest

from benchmarks.ablation.plan import ABLATIONS, Plan, slug
from sottovoce.errors import SottovoceError
from sottovoce.training.recipes import parse


@pytest.mark.parametrize("recipe", ABLATIONS)
def test_every_variant_and_measure_is_one_of_its_recipe(recipe) -> None:
    ablation = ABLATIONS[recipe]
    for settings in ablation.variants.values():
        parse(recipe, settings)
    assert set(ablation.drawn) <= set(ablation.measures)


def test_variants_have_different_paths_without_spaces() -> None:
    for ablation in ABLATIONS.values():
        slugs = {slug(variant) for variant in ablation.variants}
        assert len(slugs) == len(ablation.variants) and not any(set(" ,/") & set(each) for each in slugs)


def test_an_unknown_recipe_is_refused() -> None:
    with pytest.raises(SottovoceError, match="choose advgan, ssed"):
        Plan("segan", (Path("speech.csv"),))
