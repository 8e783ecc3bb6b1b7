"""Test-time symmetries and ensembles: against loops, and by their invariance."""

import numpy as np

from tfseis.inference.ensemble import ensemble, symmetries


def slanting(batch):
    """A network that is not symmetric in any way."""
    kernel = np.roll(batch, 1, 1) + 2 * np.roll(batch, 1, 2) + 4 * np.roll(batch, 1, 3)
    return kernel[..., np.newaxis]


BATCH = np.random.default_rng(0).normal(size=(2, 5, 5, 7)).astype("float32")


def test_the_eight_ways_differ_and_lead_back():
    ways = [there(BATCH) for there, _ in symmetries()]
    assert len({way.tobytes() for way in ways}) == 8
    for there, back in symmetries():
        np.testing.assert_array_equal(back(there(BATCH)), BATCH)
        assert there(BATCH)[0, 0, 0].tolist() in BATCH[0][[0, 0, -1, -1], [0, -1, 0, -1]].tolist()


def test_what_is_laid_on_itself_otherwise_is_answered_alike():
    network = ensemble([slanting], symmetric=True)
    straight = network(BATCH)
    assert straight[..., 1].min() > 0
    for there, _ in symmetries():
        np.testing.assert_allclose(network(there(BATCH)), there(straight), atol=1e-5)
    plain = ensemble([slanting])
    assert not np.allclose(plain(BATCH[:, ::-1]), plain(BATCH)[:, ::-1], atol=0.1)


def test_mean_and_spread_are_those_of_all_members():
    networks = [slanting, lambda batch: 1000 + batch[..., np.newaxis]]
    members = [back(n(there(BATCH))[..., 0]) for n in networks for there, back in symmetries()]
    found = ensemble(networks, symmetric=True)(BATCH)
    np.testing.assert_allclose(found[..., 0], np.mean(members, 0), rtol=1e-5)
    np.testing.assert_allclose(found[..., 1], np.std(members, 0), rtol=1e-4)
    alone = ensemble([slanting])(BATCH)
    np.testing.assert_array_equal(alone[..., 0], slanting(BATCH)[..., 0])
    assert (alone[..., 1] == 0).all()
