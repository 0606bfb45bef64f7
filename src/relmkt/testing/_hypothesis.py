"""Where does chance come from? Hypothesis, an extra: without it stores and channels can still be checked."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["chance", "tried"]


def chance() -> Any:
    """The strategies of Hypothesis. Raises ImportError naming the extra that brings it."""
    try:
        from hypothesis import strategies
    except ImportError:
        raise ImportError("random facts need hypothesis: pip install relmkt[testing]") from None
    return strategies


def tried(
    strategy: "SearchStrategy[Any]", law: Callable[[Any], None], *, examples: int, seed: int, shrink: bool = True
) -> None:
    """Try a law on random examples, the same ones for the same seed; a failure says how to see it again.

    shrink: whether to look for a smaller example once one fails; not where a law takes long.
    Nothing is kept between runs (rule K05), and nothing depends on how fast the machine is.
    """
    chance()
    import hypothesis

    phases = [hypothesis.Phase.generate, *([hypothesis.Phase.shrink] if shrink else [])]
    settings = hypothesis.settings(
        phases=phases,
        max_examples=examples,
        deadline=None,
        database=None,
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(hypothesis.HealthCheck),
    )

    @hypothesis.seed(seed)
    @settings
    @hypothesis.given(strategy)
    def run(example: Any) -> None:
        try:
            law(example)
        except AssertionError as error:
            raise AssertionError(f"{error}\nseed={seed}, on {_short(example)}") from error

    run()


def _short(example: object) -> str:
    text = repr(example)
    return text if len(text) < 1500 else f"{text[:1500]}…"
