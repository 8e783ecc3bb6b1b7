"""Times and depths in text tables, by whatever units they are given."""

import numpy as np

from tfseis.errors import LabelError
from tfseis.geometry import Geometry

MS_PER_S = 1000
US_PER_MS = 1000
MOST = 0.5  # share of times that decides
FEW = 2  # samples; times in ms of a cube spread over more, those in s do not
UPWARDS = "negative upwards"


def sample_numbers(values: np.ndarray, geometry: Geometry, unit: str | None = None) -> np.ndarray:
    """Times in ms (depths in m for depth cubes) from the vertical column of a file.

    Without a unit the values are taken to be in the unit of the cube, with two exceptions. On a
    time cube they are seconds if all lie within the first thousandth of the trace and not all are
    whole numbers. Where none is positive, and they fit the cube with the other sign alone, they are
    heights, and change sign. Sample numbers cannot be told from times; for these give
    ``unit="sample"`` (counted from 0).

    Args:
        values: numbers of the column, (rows,); non-finite ones stay.
        geometry: geometry of the cube.
        unit: "ms", "s", "us", "m", "ft" or "sample"; None to recognise it.

    Raises:
        LabelError: the unit is unknown, or not one of this cube's.
    """
    return sample_times(values, geometry, unit)[0]


def sample_times(
    values: np.ndarray, geometry: Geometry, unit: str | None = None, *, file: str = ""
) -> tuple[np.ndarray, str]:
    """The same, and the unit that was taken, for messages; `file` is named in them."""
    where = f"{file}: e" if file else "E"
    values = np.asarray(values, "float64")
    samples, own = geometry.samples, geometry.sample_unit
    allowed = units_of(geometry)
    if unit is not None and unit not in allowed:
        raise LabelError(
            f"{where}xpected a vertical unit among {', '.join(sorted(allowed))} for a cube in "
            f"{own}; got {unit!r}. Name the unit of the file."
        )
    if unit == "sample":
        return samples.first + samples.step * values, "samples"
    if unit == "us":
        values = values / US_PER_MS
    low, high = _range(values)
    sign = ""
    if low < 0 < high:
        _refuse_two_signs(values, geometry, unit, where)
    if low < 0 and high <= 0 and _upwards(values, geometry, unit, where):
        values, sign, low, high = -values, f", {UPWARDS}", -high, -low
    largest, reach = max(abs(low), abs(high)), max(abs(samples.first), abs(samples.last))
    early = largest * MS_PER_S <= reach + samples.step / 2
    if unit == "s" or (unit is None and own == "ms" and early and _fractions(values)):
        return values * MS_PER_S, f"s{sign}"
    if unit is None and own == "ms" and 0 < largest <= FEW * samples.step and _fractions(values):
        raise LabelError(
            f"{where}xpected times on a cube of {samples.first:g} to {samples.last:g} ms; got "
            f"{low:g} to {high:g}, which may be ms or, of a longer cube, s. Say which: --unit s or "
            "--unit ms (unit='s')."
        )
    return values, f"{unit or own}{sign}"


def units_of(geometry: Geometry) -> set[str]:
    """Units that times of labels may have, by the unit of the cube."""
    own = geometry.sample_unit
    return {"ms", "s", "us", "sample"} if own == "ms" else {own, "sample"}


def _range(values: np.ndarray) -> tuple[float, float]:
    """Least and largest of the finite values; 0 and 0 where there is none."""
    with np.errstate(invalid="ignore"):
        low, high = values.min(initial=np.inf), values.max(initial=-np.inf)
    if not np.isfinite([low, high]).all():
        known = values[np.isfinite(values)]
        low, high = known.min(initial=np.inf), known.max(initial=-np.inf)
    return (float(low), float(high)) if low <= high else (0.0, 0.0)


def _fractions(values: np.ndarray) -> bool:
    known = values[np.isfinite(values)]
    return bool((known != np.rint(known)).any())


def _refuse_two_signs(values: np.ndarray, geometry: Geometry, unit: str | None, where: str) -> None:
    """Refuse times most of which fit the cube with the other sign, beside some that do not.

    Raises:
        LabelError: there are such times.
    """
    known = values[np.isfinite(values)]
    factors = (1, MS_PER_S) if unit is None and geometry.sample_unit == "ms" else (1,)
    if unit == "s":
        factors = (MS_PER_S,)
    for factor in factors:
        turned = geometry.samples.inside(-factor * known)
        if turned.mean() > MOST and geometry.samples.inside(factor * known).mean() < 1 - MOST:
            above = int((known > 0).sum())
            raise LabelError(
                f"{where}xpected times of one sign; got {above} above 0 and "
                f"{int((known < 0).sum())} below, which fit the cube as heights. Correct the sign "
                "of the others in the file."
            )


def _upwards(values: np.ndarray, geometry: Geometry, unit: str | None, where: str) -> bool:
    """Whether values of which none is positive are heights rather than times of the cube."""
    samples = geometry.samples
    if samples.first >= 0:
        return True
    known = values[np.isfinite(values)] * (MS_PER_S if unit == "s" else 1)
    as_they_are, turned = (samples.inside(sign * known) for sign in (1, -1))
    if as_they_are.all() or not turned.any():
        return False
    if turned.all() or not as_they_are.any():
        return True
    raise LabelError(
        f"{where}xpected times that fit the cube with one sign, {samples.first:g} to "
        f"{samples.last:g}; got {known.min():g} to {known.max():g}, of which some fit as they are "
        "and some with the other sign. Change the sign in the file if they count upwards."
    )
