#!/usr/bin/python3
"""Writes test/golden/volume-likeness.json: small images and volumes, and what numpy, scipy and scikit-image say about them."""
import json
import os

import numpy as np
from scipy.ndimage import binary_erosion, convolve, generate_binary_structure
from scipy.signal import convolve2d
from skimage.metrics import structural_similarity

random = np.random.default_rng(11)


def rounded(values):
    return np.round(values, 3).astype(np.float32)


def head(*shape, phase):
    grids = np.meshgrid(*[np.linspace(-1, 1, n) for n in shape], indexing="ij")
    inside = sum(g**2 for g in grids) < 0.8
    waves = 0.5 + 0.3 * np.sin(5 * grids[-1] + phase) * np.cos(4 * grids[-2] - phase)
    return rounded(np.where(inside, np.clip(waves + 0.08 * random.standard_normal(shape), 0.01, 1), 0)), inside


def centred(image, kernel):
    """MATLAB's conv2(image, kernel, 'same'): the middle of the full convolution, the later one of two."""
    full = convolve2d(image, kernel, mode="full")
    top, left = [int(np.ceil((n + 1) / 2)) - 1 if n % 2 else n // 2 for n in kernel.shape]
    return full[top:top + image.shape[0], left:left + image.shape[1]]


def haar_psi(first, second):
    """From the equations of Reisenhofer et al. 2018, C 30, alpha 4.2, on [0, 255]."""
    def halve(image):
        return centred(image, np.ones((2, 2)) / 4)[::2, ::2]
    def haar(scale):
        step = np.repeat([-1.0, 1.0], 2 ** (scale - 1))
        return 2.0**-scale * np.outer(step, np.ones(2**scale))
    a, b = halve(255 * first.astype(float)), halve(255 * second.astype(float))
    top, bottom = 0.0, 0.0
    for turn in (lambda k: k, np.transpose):
        x, y = [[np.abs(centred(image, turn(haar(s)))) for s in (1, 2, 3)] for image in (a, b)]
        local = sum((2 * x[s] * y[s] + 30) / (x[s] ** 2 + y[s] ** 2 + 30) for s in (0, 1)) / 2
        weight = np.maximum(x[2], y[2])
        top += (weight / (1 + np.exp(-4.2 * local))).sum()
        bottom += weight.sum()
    mean = top / bottom
    return float((np.log(mean / (1 - mean)) / 4.2) ** 2)


def laplacian(volume, spacing):
    finest = min(spacing)
    total = np.zeros(volume.shape)
    for axis, mm in enumerate(spacing):
        if mm > 1.5 * finest:
            continue
        line = np.array([1.0, -2.0, 1.0]).reshape([3 if d == axis else 1 for d in range(3)])
        total += (finest / mm) ** 2 * convolve(volume.astype(float), line, mode="nearest")
    return np.abs(total)


def interior(mask, spacing):
    structure = generate_binary_structure(3, 1)
    for axis, mm in enumerate(spacing):
        if mm > 1.5 * min(spacing):
            index = [slice(None)] * 3
            for place in (0, 2):
                index[axis] = place
                structure[tuple(index)] = False
    return binary_erosion(mask, structure, border_value=0)


slices = []
for shape in ((24, 31), (33, 20), (12, 12)):
    (first, mask), (second, _) = head(*shape, phase=0.4), head(*shape, phase=1.1)
    a, b = first[mask].astype(float), second[mask].astype(float)
    gain, offset = np.polyfit(a, b, 1)
    slices.append({
        "height": shape[0], "width": shape[1],
        "first": [round(float(v), 3) for v in first.ravel()], "second": [round(float(v), 3) for v in second.ravel()],
        "mask": [int(v) for v in mask.ravel()],
        "haarPsi": haar_psi(first, second),
        "correlation": float(np.corrcoef(a, b)[0, 1]), "gain": float(gain), "offset": float(offset),
    })

(first, mask), (second, _) = head(14, 17, 15, phase=0.2), head(14, 17, 15, phase=0.9)
volume = {
    "shape": [14, 17, 15],
    "first": [round(float(v), 3) for v in first.ravel()], "second": [round(float(v), 3) for v in second.ravel()],
    "mask": [int(v) for v in mask.ravel()],
    "ssim": float(structural_similarity(first.astype(float), second.astype(float), data_range=1.0, gaussian_weights=True, sigma=1.5, use_sample_covariance=False)),
    "detail": [],
}
for spacing in ((1.0, 1.0, 1.0), (5.0, 0.5, 0.5), (1.2, 1.0, 1.0)):
    inner = interior(mask, spacing)
    volume["detail"].append({
        "spacing": spacing, "voxels": int(inner.sum()),
        "first": float(laplacian(first, spacing)[inner].mean()), "second": float(laplacian(second, spacing)[inner].mean()),
    })

path = os.path.join(os.path.dirname(__file__), "../../test/golden/volume-likeness.json")
with open(path, "w") as file:
    json.dump({"slices": slices, "volume": volume}, file, separators=(",", ":"))
    file.write("\n")
