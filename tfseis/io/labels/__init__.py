"""Labels of every kind: points, horizons, sticks, polygons, painted sections, label cubes."""
