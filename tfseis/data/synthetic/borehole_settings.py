"""Ranges and levels from which synthetic borehole images are drawn."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SyntheticBoreholeSettings:
    """Ranges and levels from which the seed draws an image.

    Contrasts and noise are in standard deviations of the rock.

    Args:
        lines: mean number of dark lines in 36 rows; 36 rows hold at most 4 of them.
        line_width: smallest and largest width of a line, in columns.
        drift: typical change of the azimuth of a line over 36 rows, in columns.
        fractures: mean number of fractures in 36 rows.
        dip: smallest and largest dip of fractures and beddings, in degrees.
        bedding: mean contrast of beddings.
        stripes: mean contrast of vertical stripes.
        ripple: contrast of the ripple that the tool adds.
        noise: standard deviation of the noise.
        dead_buttons: mean number of dead spots in 36 rows.
        lost: mean number of bands of rows without valid measurement in 36 rows.
        gaps: share of a line that is missing or bright, 0 to 1.
    """

    lines: float = 0.45
    line_width: tuple[float, float] = (1.4, 3.0)
    drift: float = 4.0
    fractures: float = 0.3
    dip: tuple[float, float] = (15.0, 70.0)
    bedding: float = 0.5
    stripes: float = 0.8
    ripple: float = 0.2
    noise: float = 0.12
    dead_buttons: float = 0.4
    lost: float = 0.05
    gaps: float = 0.1
