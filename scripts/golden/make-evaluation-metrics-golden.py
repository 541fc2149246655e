#!/usr/bin/python3
"""Writes test/golden/evaluation-metrics.json: synthetic images, features and masks, and what independent programs say.

SSIM, NMSE and normalised mutual information: scikit-image. Distance transforms, surfaces, centroids: scipy.ndimage.
Fréchet distance: scipy's matrix square root where the covariances have full rank, mpmath's eigenvalues at 60 digits
where they do not. Kernel distance: numpy. GMSD, multi-scale SSIM and HD95 are in no library of Debian: they are written
here from their authors' definitions with scipy.signal's convolutions, scipy.ndimage and numpy.
"""
import json
import os

import mpmath
import numpy as np
from scipy import ndimage
from scipy.linalg import sqrtm
from scipy.signal import convolve2d
from skimage.metrics import normalized_mutual_information, normalized_root_mse, structural_similarity

random = np.random.default_rng(11)


def blobs(height, width, phase, noise=0.05):
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    inside = ((y - height / 2) / (0.42 * height)) ** 2 + ((x - width / 2) / (0.38 * width)) ** 2 < 1
    waves = 0.5 + 0.3 * np.sin(x / 5.1 + phase) * np.cos(y / 6.3 - phase)
    image = np.clip(waves + noise * random.standard_normal((height, width)), 0, 1)
    return np.where(inside, image, 0).round(3).astype(np.float32), inside


def numbers(array, digits=None):
    return [float(v) if digits is None else round(float(v), digits) for v in np.asarray(array).ravel()]


# ---- images


def gmsd(first, second, value_range):
    """Xue et al. 2014, GMSD.m: MATLAB's conv2(…, 'same') keeps the full result from index ceil((k + 1) / 2) on."""
    c = 170 / 255**2 * value_range**2
    prewitt = np.array([[1, 0, -1]] * 3) / 3
    magnitudes = []
    for image in (first, second):
        height, width = image.shape
        halved = convolve2d(image, np.full((2, 2), 0.25))[1 : 1 + height, 1 : 1 + width][::2, ::2]
        across, along = (convolve2d(halved, kernel, mode="same") for kernel in (prewitt, prewitt.T))
        magnitudes.append(np.sqrt(across**2 + along**2))
    a, b = magnitudes
    similarity = (2 * a * b + c) / (a**2 + b**2 + c)
    return similarity, float(similarity.mean()), float(similarity.std(ddof=1))


def multi_scale_ssim(first, second, value_range):
    """Wang, Simoncelli and Bovik 2003, ssim_mscale_new.m with method 'product'."""
    distance = np.arange(-5, 6)
    line = np.exp(-(distance**2) / (2 * 1.5**2))
    window = np.outer(line, line) / line.sum() ** 2
    c1, c2 = (0.01 * value_range) ** 2, (0.03 * value_range) ** 2
    blur = lambda image: convolve2d(image, window, mode="valid")
    weights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]
    result = 1
    for scale, weight in enumerate(weights):
        mean1, mean2 = blur(first), blur(second)
        variance1, variance2 = blur(first**2) - mean1**2, blur(second**2) - mean2**2
        covariance = blur(first * second) - mean1 * mean2
        value = (2 * covariance + c2) / (variance1 + variance2 + c2)
        if scale == len(weights) - 1:
            value = value * (2 * mean1 * mean2 + c1) / (mean1**2 + mean2**2 + c1)
        result *= max(0, value.mean()) ** weight
        halve = lambda image: convolve2d(image, np.full((2, 2), 0.25), mode="valid")[::2, ::2]
        first, second = halve(first), halve(second)
    return float(result)


def image_case(name, first, second, inside, value_range):
    a, b = first.astype(np.float64), second.astype(np.float64)
    common = dict(data_range=value_range)
    similarity, mean, deviation = gmsd(a, b, value_range)
    return {
        "name": name,
        "height": a.shape[0],
        "width": a.shape[1],
        "valueRange": value_range,
        "first": numbers(first, 3),
        "second": numbers(second, 3),
        "mask": [int(v) for v in inside.ravel()],
        "ssimUniformSample": float(structural_similarity(a, b, **common)),
        "ssimGaussianSample": float(structural_similarity(a, b, gaussian_weights=True, sigma=1.5, **common)),
        "nmse": float(normalized_root_mse(b, a, normalization="euclidean") ** 2),
        "nmseInside": float(normalized_root_mse(b[inside], a[inside], normalization="euclidean") ** 2),
        "mutual": {str(bins): float(normalized_mutual_information(a, b, bins=bins)) for bins in (2, 32, 100)},
        "mutualInside": float(normalized_mutual_information(a[inside], b[inside], bins=32)),
        "gradientCorner": numbers(similarity[0, :6]),
        "gradientMean": mean,
        "gradientDeviation": deviation,
    }


def multi_scale_case(name, first, second, value_range=1.0):
    # Made again from a formula by the test: images of this size would fill the file.
    a, b = (image.astype(np.float32).astype(np.float64) for image in (first, second))
    return {"name": name, "height": a.shape[0], "width": a.shape[1], "value": multi_scale_ssim(a, b, value_range)}


def pattern(height, width, seed):
    """Whole numbers below 1000, divided: the same in every language."""
    y, x = np.mgrid[0:height, 0:width]
    return ((7 * x + 13 * y + seed * ((x // 9) * (y // 7) % 11) * 31) % 1000) / 1000


def multi_scale_cases():
    cases = []
    for name, height, width, share in [("smallest", 176, 176, 4), ("odd", 179, 203, 8), ("near", 240, 240, 64)]:
        first = pattern(height, width, 1).astype(np.float32).astype(np.float64)
        second = pattern(height, width, 5).astype(np.float32).astype(np.float64)
        # Shares are powers of two, so that float32 holds the mean exactly alike in both programs.
        mixed = (first + (second - first) / share).astype(np.float32)
        cases.append({**multi_scale_case(name, first, mixed), "share": share})
    return cases


# ---- features


def frechet(first, second):
    s1, s2 = (np.cov(f, rowvar=False).reshape(f.shape[1], -1) for f in (first, second))
    apart = np.sum((first.mean(0) - second.mean(0)) ** 2)
    if min(len(first), len(second)) > first.shape[1]:
        root = np.trace(sqrtm(s1 @ s2)).real
    else:
        # A product without full rank has no reliable square root in float64.
        mpmath.mp.dps = 60
        m1, m2 = (exact_covariance(f) for f in (first, second))
        values = mpmath.eig(m1 * m2, left=False, right=False)
        root = float(sum(mpmath.sqrt(max(mpmath.mpf(0), mpmath.re(value))) for value in values))
    return float(apart + np.trace(s1) + np.trace(s2) - 2 * root)


def exact_covariance(features):
    samples, dimensions = features.shape
    rows = [[mpmath.mpf(float(v)) for v in row] for row in features]
    mean = [sum(row[d] for row in rows) / samples for d in range(dimensions)]
    return mpmath.matrix(
        [
            [sum((row[i] - mean[i]) * (row[j] - mean[j]) for row in rows) / (samples - 1) for j in range(dimensions)]
            for i in range(dimensions)
        ]
    )


def kernel(first, second):
    k = lambda x, y: (x @ y.T / x.shape[1] + 1) ** 3
    off = lambda m: (m.sum() - np.trace(m)) / (len(m) * (len(m) - 1))
    return float(off(k(first, first)) + off(k(second, second)) - 2 * k(first, second).mean())


def feature_case(name, samples1, samples2, dimensions, shift, scale):
    mixing = random.standard_normal((dimensions, dimensions)) / np.sqrt(dimensions)
    first = (random.standard_normal((samples1, dimensions)) @ mixing).round(3)
    second = (scale * random.standard_normal((samples2, dimensions)) + shift).round(3)
    return {
        "name": name,
        "dimensions": dimensions,
        "first": numbers(first, 3),
        "second": numbers(second, 3),
        "frechet": frechet(first, second),
        "kernel": kernel(first, second),
    }


# ---- masks


def surface(mask):
    return mask & ~ndimage.binary_erosion(mask, ndimage.generate_binary_structure(3, 1))


def hausdorff95(first, second, spacing):
    """Menze et al. 2015: the larger of the two directed 95th percentiles between the surfaces' voxels."""
    if first.any() != second.any():
        return float(np.linalg.norm(np.array(first.shape) * spacing))
    if not first.any():
        return 0.0
    a, b = surface(first), surface(second)
    from_a = ndimage.distance_transform_edt(~b, sampling=spacing)[a]
    from_b = ndimage.distance_transform_edt(~a, sampling=spacing)[b]
    return float(max(np.percentile(from_a, 95), np.percentile(from_b, 95)))


def runs(mask):
    """Lengths of runs of equal voxels, beginning with those outside."""
    flat = np.concatenate([[0], mask.ravel().astype(int)])
    changes = np.flatnonzero(np.diff(flat))
    return [int(v) for v in np.diff(np.concatenate([[0], changes, [mask.size]]))]


def lesion(shape, centre, radii, rough):
    grid = np.indices(shape).astype(np.float64)
    place = sum(((g - c) / r) ** 2 for g, c, r in zip(grid, centre, radii))
    return place + rough * ndimage.gaussian_filter(random.standard_normal(shape), 1.5) < 1


def mask_case(name, first, second, brain, spacing, width):
    distances = ndimage.distance_transform_edt(~first, sampling=spacing) if first.any() else None
    ring = brain & ~first & (distances <= width * (1 + 1e-9)) if first.any() else np.zeros_like(first)
    both = first.any() and second.any()
    centres = [np.array(ndimage.center_of_mass(m)) * spacing for m in (first, second)] if both else None
    total = int(first.sum() + second.sum())
    return {
        "name": name,
        "shape": list(first.shape),
        "spacing": list(spacing),
        "first": runs(first),
        "second": runs(second),
        "brain": runs(brain),
        "ringWidth": width,
        "ring": runs(ring),
        "distances": None if distances is None else numbers(distances[::2, ::3, ::3]),
        "distanceSum": None if distances is None else float(distances.sum()),
        "dice": 2 * int((first & second).sum()) / total if total else 1.0,
        "hausdorff95": hausdorff95(first, second, np.array(spacing)),
        "volume": float(first.sum() * np.prod(spacing) / 1000),
        "volumeDifference": float((int(first.sum()) - int(second.sum())) * np.prod(spacing) / 1000),
        "centroidDistance": float(np.linalg.norm(centres[0] - centres[1])) if both else None,
    }


def mask_cases():
    shape = (9, 24, 20)
    brain = lesion(shape, (4, 12, 10), (4.6, 11, 9), 0)
    a = lesion(shape, (4, 10, 9), (2.5, 5, 4), 1.0)
    b = lesion(shape, (5, 12, 10), (2, 4, 5), 1.5)
    none = np.zeros(shape, bool)
    dots = random.random(shape) < 0.003
    edge = none.copy()
    edge[:, :6, :5] = True
    one = none.copy()
    one[7, 20, 3] = True
    return [
        mask_case("alike", a, b, brain, (1.0, 1.0, 1.0), 3.0),
        mask_case("thick slices", a, b, brain, (5.0, 0.8, 0.9), 6.0),
        mask_case("thin slices", b, a, brain, (0.6, 1.7, 1.1), 2.2),
        mask_case("scattered", dots, a, brain, (2.5, 0.7, 0.7), 2.1),
        mask_case("at the edge", edge, one, brain, (1.5, 1.25, 1.0), 4.0),
        mask_case("one voxel", one, a, np.ones(shape, bool), (3.0, 0.7, 0.7), 2.1),
        mask_case("first empty", none, a, brain, (2.0, 1.0, 1.0), 3.0),
        mask_case("second empty", a, none, brain, (2.0, 1.0, 1.0), 3.0),
        mask_case("both empty", none, none, brain, (1.0, 1.0, 1.0), 3.0),
    ]


first, inside = blobs(31, 40, 0.3)
second, _ = blobs(31, 40, 1.7)
near = np.clip(first + 0.05 * random.standard_normal(first.shape), 0, 1).round(3).astype(np.float32)
golden = {
    "images": [
        image_case("unlike", first, second, inside, 1.0),
        image_case("alike", first, near, inside, 1.0),
        image_case("range 2", (2 * first).round(3), (2 * near).round(3), inside, 2.0),
        image_case("odd sides", first[3:26, 5:30], near[3:26, 5:30], inside[3:26, 5:30], 1.0),
    ],
    "multiScale": multi_scale_cases(),
    "features": [
        feature_case("many images", 60, 45, 6, 0.4, 1.3),
        feature_case("one feature", 12, 9, 1, 1.0, 0.5),
        feature_case("fewer images than features", 5, 7, 12, 0.2, 1.0),
        feature_case("fewer in one set", 40, 6, 9, 0.0, 2.0),
    ],
    "masks": mask_cases(),
}
path = os.path.join(os.path.dirname(__file__), "../../test/golden/evaluation-metrics.json")
with open(path, "w") as file:
    json.dump(golden, file, separators=(",", ":"))
    file.write("\n")
