#!/usr/bin/python3
"""Writes test/golden/metrics.json: synthetic slices and what scikit-image and numpy say about them."""
import json
import os

import numpy as np
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

random = np.random.default_rng(7)


def blobs(height, width, phase):
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    inside = ((y - height / 2) / (0.42 * height)) ** 2 + ((x - width / 2) / (0.38 * width)) ** 2 < 1
    waves = 0.5 + 0.3 * np.sin(x / 3.1 + phase) * np.cos(y / 4.3 - phase)
    image = np.where(inside, np.clip(waves + 0.08 * random.standard_normal((height, width)), 0, 1), 0)
    # Three decimals keep the file small; float32 is what the code under test is given.
    return np.round(image, 3).astype(np.float32), inside


def case(name, first, second, inside, value_range):
    # What the file holds is what both sides must see.
    first, second = (np.round(image.astype(np.float64), 3).astype(np.float32) for image in (first, second))
    a, b = first.astype(np.float64), second.astype(np.float64)
    common = dict(data_range=value_range, use_sample_covariance=False, full=True)
    mean, full = structural_similarity(a, b, gaussian_weights=True, sigma=1.5, **common)
    uniform, _ = structural_similarity(a, b, win_size=7, **common)
    return {
        "name": name,
        "height": first.shape[0],
        "width": first.shape[1],
        "valueRange": value_range,
        "first": [round(float(v), 3) for v in first.ravel()],
        "second": [round(float(v), 3) for v in second.ravel()],
        "mask": [int(v) for v in inside.ravel()],
        "ssim": float(mean),
        "ssimUniform": float(uniform),
        "ssimInside": float(full[inside].mean()),
        "ssimCorner": [float(v) for v in full[0, :8]],
        "psnr": float(peak_signal_noise_ratio(a, b, data_range=value_range)),
        "mae": float(np.abs(a - b).mean()),
        "maeInside": float(np.abs(a - b)[inside].mean()),
    }


first, inside = blobs(32, 40, 0.3)
second, _ = blobs(32, 40, 1.7)
near = np.round(np.clip(first + 0.05 * random.standard_normal(first.shape), 0, 1), 3).astype(np.float32)
flat = np.full((16, 16), 0.25, np.float32)
values = np.round(random.beta(2, 5, 500), 3).astype(np.float32)
golden = {
    "cases": [
        case("unlike", first, second, inside, 1.0),
        case("alike", first, near, inside, 1.0),
        case("range 2", 2 * first - 1, 2 * second - 1, inside, 2.0),
        case("constant", flat, flat + np.float32(0.125), np.ones((16, 16), bool), 1.0),
        case("smallest", first[8:19, 10:21], second[8:19, 10:21], np.eye(11, dtype=bool), 1.0),
    ],
    "quantiles": {
        "values": [round(float(v), 3) for v in values],
        "table": [float(v) for v in np.quantile(values.astype(np.float64), np.linspace(0, 1, 257))],
    },
}
path = os.path.join(os.path.dirname(__file__), "../../test/golden/metrics.json")
with open(path, "w") as file:
    json.dump(golden, file, separators=(",", ":"))
    file.write("\n")
