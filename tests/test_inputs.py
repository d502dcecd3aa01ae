"""What a reader may type: names and numbers are taken as they are, or refused with a sentence that helps."""

import numpy as np
import pytest

from moip.inputs import known, number


def test_names_come_back_as_a_list():
    assert known(["b", "a"], "abc", "letters") == ["b", "a"]
    assert known("b", "abc", "letters") == ["b"]
    assert known([], "abc", "letters") == []


@pytest.mark.parametrize(
    "name, options, hint",
    [
        ("sofware", ["software", "hardware"], "'sofware' is not one of the kinds. Did you mean 'software'?"),
        ("L1-03", ["MOIP-L1-03", "MOIP-L2-03"], "Did you mean 'MOIP-L1-03'?"),
        ("BIP 141", ["bip141", "bip9"], "Did you mean 'bip141'"),
        ("xyz", ["one", "two"], "There are 'one', 'two'."),
        (5, ["one", "two"], "5 is not one of the kinds. There are 'one', 'two'."),
        ("", [f"name{i}" for i in range(20)], "'name11' and more."),
    ],
)
def test_an_unknown_name_is_answered_with_those_that_there_are(name, options, hint):
    with pytest.raises(ValueError) as error:
        known([name], options, "kinds")
    assert hint in str(error.value)


def test_messages_write_numpy_s_texts_and_numbers_plainly():
    with pytest.raises(ValueError, match=r"'x' is not one of the rails\. There are 'lightning'"):
        known(np.array(["x"]), np.array(["lightning"]), "rails")
    with pytest.raises(ValueError, match="share is 2; it must be"):
        number(np.int64(2), "share", 0, 1)


def test_numbers_of_any_kind_pass_within_their_bounds():
    for value in (0, 1, 0.5, np.float64(0.5), np.int64(1)):
        assert number(value, "share", 0, 1) == value


@pytest.mark.parametrize(
    "value, bounds, message",
    [
        ("x", (), "share is 'x'; it must be a number"),
        (None, (0,), "share is None; it must be a number of at least 0"),
        (-1, (0,), "share is -1; it must be a number of at least 0"),
        (2, (0, 1), "share is 2; it must be a number from 0 to 1"),
        (float("nan"), (0, 1), "share is nan; it must be a number from 0 to 1"),
        (True, (0, 1), "share is True"),
    ],
)
def test_what_is_no_number_or_out_of_bounds_is_named(value, bounds, message):
    with pytest.raises(ValueError, match="it must be a number") as error:
        number(value, "share", *bounds)
    assert message in str(error.value)
