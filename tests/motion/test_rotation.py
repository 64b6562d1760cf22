"""Rotations obey the axioms of a group, and each one does what it says to vectors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from chronomotion.motion.rotation import (
    about_y,
    inverse,
    matrix,
    multiply,
    normalise,
    rotate,
    shortest_arc,
    two_columns,
)

ONE = np.array([1.0, 0, 0, 0])

numbers = st.floats(-10, 10, allow_subnormal=False)
vectors = arrays(np.float64, (5, 3), elements=numbers)
directions = vectors.filter(lambda v: bool((np.linalg.norm(v, axis=1) > 1e-3).all()))
rotations = arrays(np.float64, (5, 4), elements=numbers).filter(
    lambda q: bool((np.linalg.norm(q, axis=1) > 1e-3).all())
).map(normalise)  # fmt: skip


def assert_close(actual: np.ndarray, expected: np.ndarray, tolerance: float = 1e-9) -> None:
    np.testing.assert_allclose(actual, np.broadcast_to(expected, actual.shape), rtol=0, atol=tolerance)


@given(rotations, rotations, rotations)
def test_product_is_associative(a, b, c):
    assert_close(multiply(multiply(a, b), c), multiply(a, multiply(b, c)))


@given(rotations)
def test_one_changes_nothing_and_inverse_undoes(q):
    assert_close(multiply(q, ONE), q)
    assert_close(multiply(ONE, q), q)
    assert_close(multiply(q, inverse(q)), ONE)
    assert_close(multiply(inverse(q), q), ONE)


@given(rotations, rotations)
def test_product_of_rotations_is_a_rotation(a, b):
    assert_close(np.linalg.norm(multiply(a, b), axis=-1), np.array(1.0))


@given(rotations, rotations, vectors)
def test_product_turns_by_the_second_first(a, b, v):
    assert_close(rotate(multiply(a, b), v), rotate(a, rotate(b, v)), 1e-8)


@given(rotations, vectors, vectors)
def test_rotating_keeps_angles_lengths_and_handedness(q, v, u):
    assert_close(np.sum(rotate(q, v) * rotate(q, u), axis=1), np.sum(v * u, axis=1), 1e-8)
    assert_close(rotate(q, np.cross(v, u)), np.cross(rotate(q, v), rotate(q, u)), 1e-7)


@given(rotations, vectors)
def test_a_rotation_and_its_negative_are_the_same(q, v):
    assert_close(rotate(-q, v), rotate(q, v))


@given(rotations, vectors)
def test_matrix_and_columns_agree_with_rotate(q, v):
    assert_close(np.einsum("nij,nj->ni", matrix(q), v), rotate(q, v), 1e-8)
    assert_close(two_columns(q)[:, :3], rotate(q, np.array([[1.0, 0, 0]])))
    assert_close(two_columns(q)[:, 3:], rotate(q, np.array([[0, 1.0, 0]])))


def test_units_multiply_as_hamilton_said():
    i, j, k = np.eye(4)[1:]
    assert_close(multiply(i, j), k)
    assert_close(multiply(j, k), i)
    assert_close(multiply(k, i), j)
    assert_close(multiply(i, i), -ONE)


def test_about_y_turns_forward_to_the_left():
    quarter = about_y(np.array([np.pi / 2]))
    assert_close(rotate(quarter, np.array([[0, 0, 1.0]])), np.array([[1.0, 0, 0]]))
    assert_close(rotate(quarter, np.array([[0, 1.0, 0]])), np.array([[0, 1.0, 0]]))


@given(st.floats(-6, 6), st.floats(-6, 6))
def test_angles_about_y_add(first, second):
    a, b = about_y(np.array([first])), about_y(np.array([second]))
    assert_close(multiply(a, b), about_y(np.array([first + second])))


@given(directions, directions)
def test_shortest_arc_turns_one_direction_onto_the_other(u, v):
    arc = shortest_arc(u, v)
    assert_close(rotate(arc, normalise(u)), normalise(v), 1e-6)
    assert_close(np.linalg.norm(arc, axis=1), np.array(1.0))


@given(directions, directions)
def test_shortest_arc_is_the_shortest(u, v):
    angle = 2 * np.arccos(np.clip(shortest_arc(u, v)[:, 0], -1, 1))
    between = np.arccos(np.clip(np.sum(normalise(u) * normalise(v), axis=1), -1, 1))
    assert_close(angle, between, 1e-5)


@given(directions, st.floats(0.01, 100))
def test_shortest_arc_does_not_see_lengths(u, factor):
    v = np.roll(u, 1, axis=1)
    assert_close(shortest_arc(factor * u, v), shortest_arc(u, v), 1e-6)


@given(directions)
def test_opposite_directions_get_a_half_turn(u):
    arc = shortest_arc(u, -u)
    assert_close(arc[:, 0], np.array(0.0))
    assert_close(rotate(arc, normalise(u)), -normalise(u))


def test_half_turn_of_somebody_facing_backward_is_about_the_vertical():
    assert_close(np.abs(shortest_arc(np.array([[0, 0, -1.0]]), np.array([0, 0, 1.0]))), np.array([[0, 0, 1.0, 0]]))
    upside_down = shortest_arc(np.array([[0, 1.0, 0]]), np.array([0, -1.0, 0]))
    assert_close(rotate(upside_down, np.array([[0, 1.0, 0]])), np.array([[0, -1.0, 0]]))


def test_a_vector_of_no_length_gets_no_rotation():
    arcs = shortest_arc(np.array([[0.0, 0, 0], [0, 0, 2.0]]), np.array([1.0, 0, 0]))
    assert_close(arcs[0], ONE)
    assert_close(rotate(arcs[1], np.array([0, 0, 1.0])), np.array([1.0, 0, 0]))


@pytest.mark.parametrize("shape", [(), (3,), (3, 2)])
def test_leading_axes_broadcast(shape):
    rng = np.random.default_rng(0)
    q, v = normalise(rng.normal(size=(*shape, 4))), rng.normal(size=3)
    one_by_one = np.array([rotate(single[None], v[None])[0] for single in q.reshape(-1, 4)]).reshape(*shape, 3)
    assert_close(rotate(q, v), one_by_one)
    assert_close(multiply(q, ONE), q)
    assert matrix(q).shape == (*shape, 3, 3)
    assert two_columns(q).shape == (*shape, 6)
    assert shortest_arc(np.broadcast_to(v, (*shape, 3)), v).shape == (*shape, 4)
