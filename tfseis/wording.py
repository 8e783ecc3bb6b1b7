"""Numbers in sentences."""


def counted(count: int, noun: str, plural: str = "") -> str:
    """A number and what it counts, in the singular or the plural.

    Args:
        count: number of things.
        noun: one of them; words may stand before it.
        plural: several of them; empty for `noun` and an s.

    Examples:
        >>> counted(1, "fault"), counted(0, "fault"), counted(3, "patch", "patches")
        ('1 fault', '0 faults', '3 patches')
    """
    return f"{count} {noun if count == 1 else plural or noun + 's'}"
