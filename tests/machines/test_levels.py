"""Levels of settings: for any choice of levels, the strictest limit applies, and the last level that names a preference decides."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.configuration.settings import MoneyCaps
from app.configuration.settings_layers import BUILT_IN, SERVER, SettingsLayers, set_values, write_setting

USD = st.sampled_from([0.0, 0.25, 1.0, 5.0, 400.0])
LIMITS = {"limits.run_usd": "run", "limits.pull_request_usd": "pull_request", "limits.day_usd": "day", "limits.month_usd": "month"}
PREFERENCES: dict[str, st.SearchStrategy[Any]] = {
    "review.max_inline": st.integers(0, 20),
    "review.language": st.sampled_from(["de", "fr", "en"]),
    "gate.enabled": st.booleans(),
}
TEXTS = st.fixed_dictionaries({}, optional={**dict.fromkeys(LIMITS, USD), **PREFERENCES})
CAPS = st.builds(MoneyCaps, run=st.none() | USD, pull_request=st.none() | USD, day=st.none() | USD, month=st.none() | USD)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(CAPS, TEXTS, TEXTS, TEXTS)
def test_no_level_loosens_a_limit_and_the_last_one_chooses(
    caps: MoneyCaps, organisation: dict[str, Any], repository: dict[str, Any], file: dict[str, Any]
) -> None:
    given_levels = [organisation, repository, file]
    levels = SettingsLayers(caps, *(write_setting(level) for level in given_levels))
    values = {value.key: value for value in levels.effective()}
    for key, name in LIMITS.items():
        bounds = [getattr(caps, name), *(level.get(key) for level in given_levels)]
        assert values[key].value == min((bound for bound in bounds if bound is not None), default=None), key
    for key in PREFERENCES:
        chosen = [level[key] for level in given_levels if key in level]
        if chosen:
            assert values[key].value == chosen[-1] and values[key].source not in (BUILT_IN, SERVER), key
        else:
            assert values[key].source == BUILT_IN, key


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_written_settings_are_read_back(values: dict[str, Any]) -> None:
    assert set_values(write_setting(values)) == values
