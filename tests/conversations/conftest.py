"""What the tests of conversations share."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def directory(only_the_sample_providers: None) -> None:
    """Every conversation is offered the sample providers and nobody else."""
