"""One palette for the whole book, readable in both color modes and by color-blind readers."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest

import moip.figures as mf

# Machado, Oliveira and Fernandes 2009, severity 1.0, for linear RGB
BLINDNESS = {
    "none": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def linear(color: str) -> np.ndarray:
    rgb = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def luminance(color: str) -> float:
    return float(linear(color) @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    """Contrast ratio by WCAG 2."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* (D65) of linear RGB."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(rgb, 0, 1) / np.array([0.9505, 1, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("name", ["ink", "muted", "accent", *(f"layer-{n}" for n in range(1, 6))])
def test_text_colors_are_readable_on_the_page(name: str, mode: str) -> None:
    least = 3 if name.startswith("layer") else 4.5
    for ground in ("paper", "panel"):
        assert contrast(getattr(mf.COLORS[name], mode), getattr(mf.COLORS[ground], mode)) >= least


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("n", range(1, 6))
def test_ink_is_readable_on_every_tint(n: int, mode: str) -> None:
    assert contrast(getattr(mf.COLORS["ink"], mode), getattr(mf.COLORS[f"tint-{n}"], mode)) >= 7


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("kind", BLINDNESS)
def test_layers_stay_apart_for_color_blind_readers(kind: str, mode: str) -> None:
    seen = {n: lab(BLINDNESS[kind] @ linear(getattr(mf.COLORS[f"layer-{n}"], mode))) for n in range(1, 6)}
    apart = {pair: float(np.linalg.norm(seen[pair[0]] - seen[pair[1]])) for pair in itertools.combinations(seen, 2)}
    closest = min(apart, key=apart.__getitem__)
    assert apart[closest] >= 10, f"layers {closest} look alike ({kind}, {mode}): distance {apart[closest]:.1f}"


def test_recolor_maps_the_palette_and_nothing_else() -> None:
    text = json.dumps({"a": mf.LAYERS[1], "b": "#123456", "c": "no color", "d": mf.COLORS["ink"].light.upper()})
    dark = json.loads(mf.recolor(text))
    assert dark == {"a": mf.COLORS["layer-1"].dark, "b": "#123456", "c": "no color", "d": mf.COLORS["ink"].dark}


def test_recolor_can_be_undone_for_every_color() -> None:
    assert len({c.light for c in mf.COLORS.values()}) == len(mf.COLORS), (
        "two names for one light color: which dark one?"
    )


def test_the_template_is_the_default_and_small() -> None:
    figure = mf.figure(title="A message", x="x", y="y")
    assert len(figure.to_json()) < 2_000
    assert figure.layout.template.layout.font.color == mf.COLORS["ink"].light
