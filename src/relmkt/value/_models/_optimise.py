"""Where is a likelihood highest? Newton's method on the logarithms of positive parameters.

Analytic gradient and Hessian, eigenvalues of the wrong sign turned round, steps bounded and halved until the
objective rises: Nocedal & Wright (2006), "Numerical Optimization", sections 3.1 and 3.4. It is deterministic, and it
says so when there is no maximum: a ridge that runs to infinity is a `FitError`, never a result.
"""

from collections.abc import Callable, Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from relmkt.exceptions import FitError

__all__ = ["Curve", "Maximum", "maximise"]

Floats = NDArray[np.float64]
Curve = tuple[float, Floats, Floats]  # value, gradient, Hessian, all in the parameters themselves

STEPS = 200
LONGEST_STEP = 2.0  # in logarithms: a parameter moves by a factor of 7.4 at most
FARTHEST = 14.0  # in logarithms: a factor of a million from the start means no finite maximum
HALVES = tuple(0.5**k for k in range(35))
CLOSE = 1e-8  # twice the expected rise in log-likelihood; one more Newton step then squares the error


@frozen(eq=False)
class Maximum:
    """The point, the value there without the penalty, and the inverse of the observed information."""

    point: Floats
    value: float
    covariance: Floats


def maximise(
    objective: Callable[[Floats], Curve],
    start: Sequence[float] | Floats,
    names: Sequence[str],
    *,
    penalty: float = 0.0,
    centre: Floats | None = None,
) -> Maximum:
    """The maximum of `objective` less `penalty` times the squared distance, in logarithms, from `centre`.

    objective: value, gradient and Hessian at positive parameters. Raises FitError with the last parameters where the
    objective is not finite, has no finite maximum, or does not settle in 200 steps.

    >>> found = maximise(lambda p: (-float(p[0] - 3) ** 2, -2 * (p - 3), np.array([[-2.0]])), [1.0], ["p"])
    >>> found.point.round(6)
    array([3.])
    """
    if not 0 <= penalty < float("inf"):
        raise ValueError("penalty must be finite and not negative")
    origin = np.log(np.asarray(start, dtype=np.float64))
    anchor = origin if centre is None else np.log(centre)

    def stop(why: str, at: Floats) -> FitError:
        return FitError(why, {name: float(p) for name, p in zip(names, np.exp(at), strict=True)})

    def curve(at: Floats) -> tuple[float, Curve]:
        with np.errstate(all="ignore"):  # a step too far is not finite, and is halved
            value, slope, bend = objective(np.exp(at))
        return value, _in_logs(np.exp(at), (value, slope, bend), penalty, at - anchor)

    at = origin
    plain, (value, slope, bend) = curve(at)
    for _ in range(STEPS):
        if not np.isfinite(value) or not np.isfinite(bend).all():
            raise stop("the likelihood is not finite", at)
        step, rise = _newton(slope, bend)
        if rise < CLOSE:
            return _settled(at, at + step, plain, bend, stop)
        # any rise will do, and near the top rounding hides it
        enough = 0.0 if rise > 1e-5 else -1e-12 * abs(value)
        tried = ((at + k * step, curve(at + k * step)) for k in HALVES)
        found = next((t for t in tried if t[1][1][0] >= value + enough), None)
        if found is None:
            raise stop("no step raises the likelihood any more, and its slope is not flat", at)
        at, (plain, (value, slope, bend)) = found
        if np.abs(at - origin).max() > FARTHEST:
            raise stop("not identified: a parameter runs to a bound and the likelihood has no finite maximum", at)
    raise stop(f"did not settle in {STEPS} steps", at)


def _in_logs(point: Floats, curve: Curve, penalty: float, distance: Floats) -> Curve:
    value, slope, bend = curve
    slope = point * slope
    bend = np.outer(point, point) * bend + np.diag(slope)
    eye = np.eye(point.size)
    return value - penalty * float(distance @ distance), slope - 2 * penalty * distance, bend - 2 * penalty * eye


def _newton(slope: Floats, bend: Floats) -> tuple[Floats, float]:
    """An ascent step of bounded length, and the slope along it."""
    sizes, axes = np.linalg.eigh(-bend)
    sizes = np.maximum(np.abs(sizes), 1e-10 * np.abs(sizes).max() + 1e-300)
    step = axes @ ((axes.T @ slope) / sizes)
    step *= min(1.0, LONGEST_STEP / max(float(np.abs(step).max()), 1e-300))
    return step, float(slope @ step)


def _settled(
    before: Floats, at: Floats, value: float, bend: Floats, stop: Callable[[str, Floats], FitError]
) -> Maximum:
    if np.linalg.eigvalsh(-bend).min() <= 0:
        raise stop("not identified: the likelihood is flat or not at a maximum where its slope vanishes", before)
    point, spread = np.exp(at), np.linalg.inv(-bend)
    if not np.diag(spread).max() < FARTHEST**2:  # its error spans what no data could bound
        raise stop("not identified: the likelihood is all but flat in some direction", before)
    return Maximum(point, value, np.outer(point, point) * spread)
