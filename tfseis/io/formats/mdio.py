"""Groups of the schema of MDIO 1, made by the library of that schema."""

from pathlib import Path
from typing import Any

from tfseis.geometry import Geometry
from tfseis.io.formats.blocks import numbers_of
from tfseis.io.formats.packages import needed

UNITS = {"ms": {"time": "ms"}, "m": {"length": "m"}, "ft": {"length": "ft"}}


def create_mdio(draft: Path, name: str, geometry: Geometry) -> Any:
    """Make an MDIO group for post-stack samples, whose arrays are still empty.

    Args:
        draft: folder of the group.
        name: name that the group gets, for messages.
        geometry: geometry of the cube.

    Returns:
        The Zarr group, open for writing.
    """
    mdio = needed("mdio", "mdio", name)
    registry = needed("mdio.builder.template_registry", "mdio", name)
    builder = needed("mdio.builder.xarray_builder", "mdio", name)
    zarr = needed("zarr", "zarr", name)
    domain = "Time" if geometry.sample_unit == "ms" else "Depth"
    template = registry.TemplateRegistry.get_instance().get(f"PostStack3D{domain}")
    model = template.build_dataset(name=template.name, sizes=geometry.shape)
    dataset = builder.to_xarray_dataset(mdio_ds=model)
    names = ("inline", "crossline", domain.lower())
    dataset = dataset.assign_coords(dict(zip(names, numbers_of(geometry), strict=True)))
    mdio.to_mdio(dataset, output_path=draft, mode="w", compute=False)
    group = zarr.open_group(draft, mode="r+")
    for axis, numbers in zip(names, numbers_of(geometry), strict=True):
        group[axis][:] = numbers
    group[names[2]].attrs["unitsV1"] = UNITS[geometry.sample_unit]
    return group
