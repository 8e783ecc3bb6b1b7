"""Label files as the viewer marks them."""

from collections.abc import Sequence
from pathlib import Path

from tfseis.geometry import Geometry
from tfseis.io.labels.files import Kind, read_labels
from tfseis.io.labels.kinds import LABEL_KINDS
from tfseis.io.labels.labels import Labels
from tfseis.io.labels.nodes import Reading
from tfseis.io.labels.per_file import PerFile, of_file
from tfseis.io.labels.recognised import kind_and_table


def read_marks(
    paths: Sequence[str | Path],
    geometry: Geometry,
    *,
    unit: PerFile[str] | None = None,
    kind: PerFile[Kind] | None = None,
    columns: PerFile[Sequence[str] | str] | None = None,
) -> Labels:
    """Read label files to be marked: as `read_labels`, but a horizon may come alone.

    A single horizon bounds no facies; it is marked by the samples nearest to it.

    Args:
        paths: the label files.
        geometry: geometry of the cube that they label.
        unit: as for `read_labels`; so are `kind` and `columns`.
        kind: what files hold.
        columns: names of the columns of text files.

    Raises:
        TfseisError: as `read_labels`.
    """
    endings = {end: name for name, known in LABEL_KINDS.items() for end in known.endings}
    names: dict[Path, Kind] = {}
    for path in map(Path, paths):
        said: Kind | None = of_file(kind, path)  # type: ignore[assignment]
        reading = Reading(of_file(columns, path), of_file(unit, path))
        names[path] = said or kind_and_table(path, geometry, reading, endings)[0]
    horizons = [path for path, name in names.items() if name == "horizon"]
    if len(horizons) == 1:
        names[horizons[0]] = "surface"
    kinds = {str(path): name for path, name in names.items()}
    return read_labels(paths, geometry, unit=unit, kind=kinds, columns=columns)
