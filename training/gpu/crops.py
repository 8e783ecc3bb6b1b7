"""Crops cut from surveys that lie on the accelerator, and changed there; needs JAX.

A crop is read along each axis at places `first + step * n`: a step below 0 mirrors it, one above 1
makes traces sparser, one of 0 repeats a section. Reading is a product with one small matrix an
axis, so that cutting, mirroring and stretching are one operation.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

LONGEST = 2**31 - 1  # samples of an array
RUN, MOST = 9, 6.5  # traces beside each other, and how many of them a fault may fill
TAPER = 0.3  # part of a corner frequency over which a band ends
WINDOW = 41  # samples in which amplitudes are balanced
LEVELS = 127  # largest amplitude of 8 bits


class SurveyPool:
    """Surveys on the accelerator, in blocks; a new survey replaces the oldest of its block.

    Blocks keep arrays short enough for indices of 32 bits. Steps read one block after the other,
    and new surveys are given to the blocks in turn.

    Args:
        capacity: number of surveys, rounded up to as many in each block.
        size: length of a survey along each axis, in samples.

    Attributes:
        added: number of surveys so far.
    """

    def __init__(self, capacity: int, size: int) -> None:
        most = max(LONGEST // size**3, 1)
        count = -(-capacity // most)
        self.room, self.size, self.added = -(-capacity // count), size, 0
        shape = (self.room, size, size, size)
        self._blocks = [
            (jnp.zeros(shape, "float16"), jnp.zeros(shape, "int8")) for _ in range(count)
        ]

    def add(self, amplitude: np.ndarray, faults: np.ndarray) -> None:
        """Take one survey in; the arrays are copied."""
        place, block = divmod(self.added, len(self._blocks))
        pair = np.array(amplitude, "float16"), np.array(faults, "int8")
        self._blocks[block] = _replaced(self._blocks[block], pair, place % self.room)
        self.added += 1

    def block(self, step: int) -> tuple[tuple[jax.Array, jax.Array], int]:
        """Arrays that a step reads, (surveys, inlines, crosslines, samples), and how many are set.

        Amplitudes are float16, faults int8.
        """
        number = step % min(len(self._blocks), max(self.added, 1))
        held = -(-(self.added - number) // len(self._blocks))
        return self._blocks[number], min(held, self.room)


@partial(jax.jit, donate_argnums=0)
def _replaced(arrays: tuple, pair: tuple, place: int) -> tuple:
    return tuple(
        jax.lax.dynamic_update_index_in_dim(whole, part, place, 0)
        for whole, part in zip(arrays, pair, strict=True)
    )


def crops(arrays: tuple, drawn: dict, key: jax.Array, *, size: int) -> tuple[jax.Array, jax.Array]:
    """The crops of one batch.

    Args:
        arrays: a block of a `SurveyPool`.
        drawn: numbers of the crops, see `CropRules.drawn`.
        key: random numbers of the noise.
        size: length of a crop along each axis, in samples.

    Returns:
        Amplitudes and faults, float32 (batch, inlines, crosslines, samples, 1); faults are -1 where
        no label is known.
    """
    keys = jax.random.split(key, drawn["survey"].shape[0])
    amplitude, faults = jax.vmap(partial(_crop, arrays, size=size))(drawn, keys)
    return amplitude[..., None], faults[..., None]


def _crop(arrays: tuple, drawn: dict, key: jax.Array, *, size: int) -> tuple[jax.Array, jax.Array]:
    amplitude, faults = (array[drawn["survey"]] for array in arrays)
    axes = range(3)
    read = [_reading(drawn["first"][a], drawn["step"][a], size, amplitude.shape[a]) for a in axes]
    near = [_covering(drawn["first"][a], drawn["step"][a], size, amplitude.shape[a]) for a in axes]
    amplitude = _resampled(amplitude.astype("float32"), read)
    faults = (_resampled(faults.astype("float32"), near) > 0.5).astype("float32")
    flat = drawn["step"][0] == 0
    faults = jnp.where(flat & _level(faults), -1.0, faults)
    noise, dead = jax.random.split(key)
    amplitude = _rerecorded(amplitude, drawn, noise, flat)
    dead, uneven = jax.random.split(dead)
    gain = jnp.exp(drawn["uneven"] * jax.random.normal(uneven, (size, size, 1)))
    gain = gain * (jax.random.uniform(dead, (size, size, 1)) >= drawn["dead"])
    amplitude = amplitude * jnp.where(flat, gain[:1], gain)
    turn = drawn["turn"]
    amplitude, faults = (jnp.where(turn, part.swapaxes(0, 1), part) for part in (amplitude, faults))
    return amplitude, faults


def _level(faults: jax.Array) -> jax.Array:
    """Where a fault lies almost level in a section: it strikes along it, and nobody would pick it.

    Args:
        faults: 1 or 0, (inlines, crosslines, samples).

    Returns:
        bool of the same shape.
    """
    size = faults.shape[1]
    place = jnp.arange(size)
    near = (jnp.abs(place[:, None] - place) <= RUN // 2).astype("float32")
    return (faults > 0) & (jnp.einsum("bj,ijk->ibk", near, faults) > MOST)


def _reading(first: jax.Array, step: jax.Array, size: int, side: int) -> jax.Array:
    """Matrix of linear interpolation, (places, samples)."""
    place = first + step * jnp.arange(size)
    return jnp.clip(1 - jnp.abs(place[:, None] - jnp.arange(side)), 0, 1)


def _covering(first: jax.Array, step: jax.Array, size: int, side: int) -> jax.Array:
    """Matrix of ones where a sample lies in the cell of a place, (places, samples)."""
    place = first + step * jnp.arange(size)
    half = 0.5 * jnp.maximum(jnp.abs(step), 1.0)
    distance = place[:, None] - jnp.arange(side)
    return ((distance > -half) & (distance <= half)).astype("float32")


def _resampled(cube: jax.Array, matrices: list[jax.Array]) -> jax.Array:
    cube = jnp.einsum("ai,ijk->ajk", matrices[0], cube)
    cube = jnp.einsum("bj,ajk->abk", matrices[1], cube)
    return jnp.einsum("ck,abk->abc", matrices[2], cube)


def _rerecorded(cube: jax.Array, drawn: dict, key: jax.Array, flat: jax.Array) -> jax.Array:
    """Changes of amplitudes, wavelets and noise."""
    size = cube.shape[2]
    cube = _filtered(cube, drawn["low"], drawn["high"], drawn["phase"])
    noise = jax.random.normal(key, cube.shape)
    noise = _filtered(noise, 0.0, drawn["noise_high"], 0.0)
    smooth = _smoothing(drawn["noise_width"], size)
    noise = jnp.einsum("ai,ijk->ajk", smooth, noise)
    noise = jnp.einsum("bj,ajk->abk", smooth, noise)
    noise = jnp.where(flat, noise[:1], noise)
    noise = noise / jnp.maximum(noise.std(), 1e-6)
    cube = cube + drawn["noise"] * cube.std() * noise
    cube = jnp.where(drawn["balance"] > 0, _balanced(cube), cube)
    ramp = jnp.linspace(0, 1, size)
    gain = drawn["gain"][0] ** (1 - ramp) * drawn["gain"][1] ** ramp
    cube = cube * gain * drawn["level"]
    step = jnp.maximum(drawn["clip"] * cube.std() / LEVELS, 1e-9)
    rounded = jnp.clip(jnp.rint(cube / step), -LEVELS, LEVELS) * step
    return jnp.where(drawn["clip"] > 0, rounded, cube)


def _filtered(
    cube: jax.Array,
    low: jax.Array | float,
    high: jax.Array | float,
    phase: jax.Array | float,
) -> jax.Array:
    """Band and phase of each trace changed; traces are mirrored at their ends."""
    size = cube.shape[2]
    frequency = jnp.fft.rfftfreq(2 * size)
    low, high = jnp.maximum(low, 1e-6), jnp.asarray(high)
    rise = jnp.clip((frequency - low * (1 - TAPER)) / (low * TAPER), 0, 1)
    rise = jnp.where(low > 1e-5, rise, 1.0)
    fall = jnp.clip((high * (1 + TAPER) - frequency) / (high * TAPER), 0, 1)
    turned = jnp.exp(1j * phase) * (rise * fall)
    spectrum = jnp.fft.rfft(jnp.concatenate([cube, cube[..., ::-1]], -1))
    return jnp.fft.irfft(spectrum * turned, 2 * size)[..., :size]


def _smoothing(width: jax.Array, size: int) -> jax.Array:
    """Matrix of a Gaussian of a width in traces, its rows of sum 1; the unit matrix at 0."""
    place = jnp.arange(size)
    distance = place[:, None] - place
    weights = jnp.exp(-0.5 * (distance / jnp.maximum(width, 1e-2)) ** 2)
    return weights / weights.sum(1, keepdims=True)


def _balanced(cube: jax.Array) -> jax.Array:
    """Amplitudes over the root mean square of their neighbourhood, at the level they had."""
    size = cube.shape[2]
    place = jnp.arange(size)
    near = (jnp.abs(place[:, None] - place) <= WINDOW // 2).astype("float32")
    mean = jnp.einsum("ck,abk->abc", near / near.sum(1, keepdims=True), cube**2)
    level = cube.std()
    return cube * level / jnp.maximum(jnp.sqrt(mean), 0.1 * level + 1e-9)
