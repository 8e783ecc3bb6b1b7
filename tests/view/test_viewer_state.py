import pytest

from tfseis.view import ViewerState


@pytest.fixture
def state(geometry):
    return ViewerState.centred(geometry.axes, overlays=2)


def test_it_begins_at_the_middle_inline_with_the_first_overlay(state, geometry):
    assert (state.axis, state.index, state.number, state.overlay) == (0, 3, 106, 0)
    assert state.shape == (7, 8, 9)
    assert state.key == (slice(3, 4), slice(None), slice(None))
    assert ViewerState.centred(geometry.axes).overlay is None


def test_steps_end_at_the_ends(state):
    assert [state.step(n).number for n in (1, -2, 99, -99)] == [108, 102, 112, 100]
    assert state.step(99).step(-1).number == 110


def test_axes_come_in_turn_and_each_keeps_its_place(state):
    crossline = state.step(1).switch_axis()
    assert (crossline.axis, crossline.number, crossline.rest) == (1, 304, (0, 2))
    time = crossline.step(-3).switch_axis()
    assert (time.axis, time.number, time.rest) == (2, 28, (0, 1))
    again = time.switch_axis()
    assert (again.axis, again.number, again.switch_axis().number) == (0, 108, 301)


def test_overlays_come_in_turn_and_then_none(state, geometry):
    seen = [state.overlay]
    for _ in range(3):
        state = state.next_overlay()
        seen.append(state.overlay)
    assert seen == [0, 1, None, 0]
    assert ViewerState.centred(geometry.axes).next_overlay().overlay is None


def test_opacity_stays_between_0_and_1(state):
    assert state.fade(1).opacity == 0.55
    assert state.fade(-9).opacity == 0
    assert state.fade(9).fade(-1).opacity == 0.9


def test_go_to_takes_the_numbers_of_the_file(state):
    assert state.go_to(110).index == 5
    there = state.go_to(40, axis=2)
    assert (there.axis, there.index) == (2, 7)
    with pytest.raises(ValueError, match=r"inline .*100, 102 \.\. 112; got 103\. The nearest"):
        state.go_to(103)
    with pytest.raises(ValueError, match=r"crossline between 300 and 307; got 400\. Choose"):
        state.go_to(400, axis=1)


def test_every_method_leaves_the_state_as_it_was(state):
    before = repr(state)
    for change in (state.switch_axis, state.next_overlay, state.toggle_help):
        change()
    state.step(1), state.fade(1), state.go_to(100)
    assert repr(state) == before
    assert state.toggle_help().help
