"""Textures: how each facies of a layered survey reflects."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Texture:
    """How a facies reflects.

    Args:
        name: name of the facies.
        contrast: spread of the impedance of its beds; 1 gives strong reflections.
        bed: thickness of its beds, or size of its lumps where it is incoherent, in samples.
        coherence: 1 for beds that continue laterally, 0 for a chaotic facies.
        dip: dip of its beds against the layer, in samples a trace.
        impedance: mean impedance, whose difference reflects at the boundaries of the layer.
    """

    name: str
    contrast: float
    bed: float
    coherence: float = 1.0
    dip: float = 0.0
    impedance: float = 0.0


LAYERS = (
    Texture("low-amplitude", contrast=0.25, bed=4.0, coherence=0.9, impedance=-0.3),
    Texture("high-amplitude", contrast=1.5, bed=4.2),
    Texture("chaotic", contrast=0.9, bed=3.0, coherence=0.1),
    Texture("thin-bedded", contrast=1.0, bed=2.7, impedance=0.2),
    Texture("thick-bedded", contrast=0.8, bed=9.0),
    Texture("clinoforms", contrast=0.8, bed=4.0, dip=0.55, impedance=0.1),
)
SALT = Texture("salt", contrast=0.2, bed=7.0, coherence=0.0, impedance=3.0)
TEXTURES = (*LAYERS, SALT)
