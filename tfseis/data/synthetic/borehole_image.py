"""Borehole images whose lines and planes are known; NumPy and SciPy only.

Thin dark lines run along the hole and drift around it, also across the seam where the last column
meets the first. Planes cut the hole in sinusoids: fractures are thin, dark and part of the mask;
beddings are bands of grey and not part of it. The tool adds noise, a ripple, vertical stripes, dead
buttons and rows without measurement.

Source: sinusoids as in Zemanek et al. 1970, Formation evaluation by inspection with the borehole
televiewer, Geophysics 35(2).
Differs from it: levels, line widths and artefacts are chosen so that images resemble the patches of
the CorroSeg challenge by SLB.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from tfseis.data.synthetic.borehole_settings import SyntheticBoreholeSettings
from tfseis.errors import GeometryError

COLUMNS = 36  # around the hole
SMALLEST = 8  # rows and columns
SENTINEL = -999.25  # value where nothing was measured
LEVEL = 0.011  # standard deviation of the rock in real patches
LINE_DEPTH, FRACTURE_DEPTH = (3.0, 8.0), (2.5, 5.0)  # darkness, in standard deviations of the rock
SEAM = 0.35  # share of the lines that start at the seam
MARKED = 0.5  # share of a line's darkness above which a sample belongs to its mask
TAPER = 3.0  # rows over which a line fades at its ends
SMOOTH = 12.0  # rows over which a line changes its direction


@dataclass(frozen=True)
class Plane:
    """A plane that cuts the hole.

    Args:
        row: row at which the plane cuts the axis of the hole.
        dip: angle between the plane and the horizontal, in degrees.
        azimuth: direction in which the plane lies deepest, in degrees from column 0, growing with
            the columns.
    """

    row: float
    dip: float
    azimuth: float

    def rows(self, columns: int = COLUMNS) -> np.ndarray:
        """Row at which the plane meets each column; samples are as high as they are wide.

        Args:
            columns: number of columns around the hole.

        Returns:
            float64 (columns,).

        Examples:
            >>> float(np.ptp(Plane(10, dip=45, azimuth=0).rows(36)))  # the diameter of the hole
            11.46
        """
        angle = 2 * np.pi * np.arange(columns) / columns - np.radians(self.azimuth)
        return self.row + columns / (2 * np.pi) * np.tan(np.radians(self.dip)) * np.cos(angle)


@dataclass(frozen=True)
class SyntheticBorehole:
    """A borehole image, its mask, and the planes in it.

    Args:
        image: measured values, float32 (rows, columns); -999.25 where nothing was measured.
        mask: uint8 of the same shape, 1 on lines and fractures.
        fractures: planes of the fractures.
        beddings: plane to which all beddings are parallel; its row has no meaning.
    """

    image: np.ndarray
    mask: np.ndarray
    fractures: tuple[Plane, ...]
    beddings: Plane


def borehole(
    rows: int = 36,
    columns: int = COLUMNS,
    *,
    seed: int,
    settings: SyntheticBoreholeSettings | None = None,
) -> SyntheticBorehole:
    """A synthetic borehole image.

    Args:
        rows: number of rows, at least 8.
        columns: number of columns around the hole, at least 8.
        seed: the same seed gives the same image.
        settings: ranges and levels from which the image is drawn; None for the defaults.

    Returns:
        The image with its mask and planes.

    Raises:
        GeometryError: there are fewer than 8 rows or columns.

    Examples:
        >>> borehole(72, seed=1).image.shape
        (72, 36)
    """
    if min(rows, columns) < SMALLEST:
        raise GeometryError(
            f"Expected at least {SMALLEST} rows and {SMALLEST} columns; got {rows} x {columns}. "
            "Make it larger."
        )
    settings, rng = (
        settings or SyntheticBoreholeSettings(),
        np.random.default_rng([seed, rows, columns]),
    )
    share = rows / 36
    beddings = _plane(rng, settings, rows)
    rock = _rock(rng, settings, (rows, columns), beddings)
    dark, mask = np.zeros((rows, columns)), np.zeros((rows, columns), bool)
    for _ in range(min(rng.poisson(settings.lines * share), int(3 * share) + 1)):
        _mark(dark, mask, *_line(rng, settings, rows, columns))
    fractures = tuple(
        _plane(rng, settings, rows) for _ in range(rng.poisson(settings.fractures * share))
    )
    for plane in fractures:
        line = plane.rows(columns)
        slope = (np.roll(line, -1) - np.roll(line, 1)) / 2
        across = (np.arange(rows)[:, None] - line) / np.hypot(1, slope)
        shape = _profile(across, rng.uniform(*settings.line_width))
        _mark(dark, mask, shape, rng.uniform(*FRACTURE_DEPTH))
    image = _measured(rng, settings, rock - dark)
    return SyntheticBorehole(image.astype("float32"), mask.astype("uint8"), fractures, beddings)


def borehole_patches(
    count: int,
    *,
    columns: int = COLUMNS,
    seed: int,
    settings: SyntheticBoreholeSettings | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Patches of one synthetic well in the order of depth.

    Args:
        count: number of patches.
        columns: number of columns around the hole, at least 8.
        seed: the same seed gives the same well.
        settings: ranges and levels from which the well is drawn; None for the defaults, whose
            lines are as wide and drift as far around the hole for any number of columns.

    Returns:
        Images, float32 (count, 36, columns), and masks, uint8 of the same shape, 1 on lines and
        fractures.
    """
    settings = settings or _of_columns(columns)
    well = borehole(36 * count, columns, seed=seed, settings=settings)
    shape = (count, 36, columns)
    return well.image.reshape(shape), well.mask.reshape(shape)


def _of_columns(columns: int) -> SyntheticBoreholeSettings:
    """The default settings, what they give in columns stretched to another number of these."""
    usual, stretch = SyntheticBoreholeSettings(), columns / COLUMNS
    narrow, wide = usual.line_width
    width = narrow * stretch, wide * stretch
    return replace(usual, line_width=width, drift=usual.drift * stretch)


def _plane(rng: np.random.Generator, settings: SyntheticBoreholeSettings, rows: int) -> Plane:
    return Plane(rng.uniform(0, rows), rng.uniform(*settings.dip), rng.uniform(0, 360))


def _rock(
    rng: np.random.Generator,
    settings: SyntheticBoreholeSettings,
    shape: tuple[int, int],
    beddings: Plane,
) -> np.ndarray:
    """Rock without lines, of about unit deviation: clouds, beddings, stripes and ripple."""
    rows, columns = shape
    wrap = ("nearest", "wrap")
    bedding, striped = rng.uniform(0, 2, 2) * (
        settings.bedding,
        settings.stripes,
    )  # each well has contrasts of its own
    clouds = ndimage.gaussian_filter(rng.normal(size=shape), (9, 4), mode=wrap)
    fine = ndimage.gaussian_filter(rng.normal(size=shape), (2.5, 1), mode=wrap)
    border = int(np.ceil(np.ptp(beddings.rows(columns)))) + 1
    log = ndimage.gaussian_filter1d(rng.normal(size=rows + 2 * border), 3)
    depth = np.arange(rows)[:, None] - (beddings.rows(columns) - beddings.row) + border
    layers = np.interp(depth, np.arange(len(log)), log)
    stripes = ndimage.gaussian_filter(rng.normal(size=shape), (60, 0.8), mode=wrap)
    phase = 2 * np.pi * (np.arange(columns) * 6 / columns + np.arange(rows)[:, None] / 9)
    strength = ndimage.gaussian_filter1d(rng.normal(size=(rows, 1)), 40, axis=0)
    return (
        _unit(clouds)
        + 0.3 * _unit(fine)
        + bedding * _unit(layers)
        + striped * _unit(stripes)
        + settings.ripple * np.sin(phase) * _unit(strength)
    ) / (1 + bedding + striped)


def _unit(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / max(values.std(), 1e-12)


def _line(
    rng: np.random.Generator, settings: SyntheticBoreholeSettings, rows: int, columns: int
) -> tuple[np.ndarray, float]:
    """Share of a line's darkness at each sample, and the darkness; the line drifts and ends."""
    slope = ndimage.gaussian_filter1d(rng.normal(size=rows), SMOOTH)
    path = np.cumsum(
        _unit(slope) * settings.drift / 36
    ) + rng.normal() * settings.drift / 36 * np.arange(rows)
    start = 0 if rng.random() < SEAM else rng.integers(columns)
    distance = np.arange(columns) - (start + rng.normal() + path)[:, None]
    distance = (distance + columns / 2) % columns - columns / 2
    width = rng.uniform(*settings.line_width) * (
        1 + 0.3 * _unit(ndimage.gaussian_filter1d(rng.normal(size=rows), 6)).clip(-2, 2)
    )
    length = int(rng.uniform(0.4, 1.6) * min(rows, 72))
    first = rng.integers(-length // 3, max(1, rows - length // 2))
    inside = np.minimum(np.arange(rows) - first, first + length - np.arange(rows))
    alive = (inside / TAPER).clip(0, 1)
    return _profile(distance, width[:, None]) * alive[:, None], rng.uniform(*LINE_DEPTH)


def _profile(distance: np.ndarray, width: float | np.ndarray) -> np.ndarray:
    """Darkness across a line: 1 in its middle, 0.5 at half its width from the middle."""
    return np.exp(-np.log(2) * (2 * distance / np.maximum(width, 0.8)) ** 2)


def _mark(dark: np.ndarray, mask: np.ndarray, shape: np.ndarray, depth: float) -> None:
    np.maximum(dark, depth * shape, out=dark)
    mask |= shape > MARKED


def _measured(
    rng: np.random.Generator, settings: SyntheticBoreholeSettings, rock: np.ndarray
) -> np.ndarray:
    """The rock as the tool records it."""
    rows, columns = rock.shape
    image = rock + settings.noise * rng.normal(size=rock.shape)
    eaten = ndimage.gaussian_filter(rng.normal(size=rock.shape), (2, 1), mode=("nearest", "wrap"))
    bright = (eaten > np.quantile(eaten, 1 - settings.gaps)) & (rock < -1.5)
    image[bright] = rng.normal(1.0, 1.0, int(bright.sum()))
    share = rows / 36
    for _ in range(rng.poisson(settings.dead_buttons * share)):
        row, column = rng.integers(rows), rng.integers(columns)
        image[row : row + rng.integers(1, 3), column] = rng.normal(-6, 2)
    image *= LEVEL
    for _ in range(rng.poisson(settings.lost * share)):
        row, height = rng.integers(rows), rng.integers(2, 6)
        band = image[row : row + height]
        band[:] = rng.choice([-0.2, 0.2, SENTINEL, 0.0], p=[0.2, 0.2, 0.3, 0.3], size=band.shape)
    return image
