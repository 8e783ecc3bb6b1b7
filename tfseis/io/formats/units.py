"""Units of sample axes, as files call them."""

MS, M, FT = ("ms", 1.0), ("m", 1.0), ("ft", 1.0)
UNITS = {  # the unit that a cube has, and the factor that makes the numbers of a file of it
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds"), MS),
    **dict.fromkeys(("s", "sec", "second", "seconds"), ("ms", 1e3)),
    "us": ("ms", 1e-3),
    **dict.fromkeys(("m", "meter", "meters", "metre", "metres"), M),
    "km": ("m", 1e3),
    **dict.fromkeys(("ft", "foot", "feet", "usft"), FT),
}
