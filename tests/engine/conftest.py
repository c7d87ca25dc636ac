"""What every test of the engine needs: a CLI, or a reason to skip; and the lives of stacks, each lived once."""

import pytest
from engine.bench import find_cli
from engine.lives import Life, live

WITHOUT = "there is no Pulumi CLI on the PATH; install one, or build one with Go installed: make engine"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if find_cli() is None:
        for each in items:
            if "needs_cli" in each.keywords:
                each.add_marker(pytest.mark.skip(reason=WITHOUT))


@pytest.fixture(scope="module")
def life(request: pytest.FixtureRequest) -> Life:
    """A stack from its first preview to its end; parametrized indirectly with what `live` takes."""
    return live(*request.param)
