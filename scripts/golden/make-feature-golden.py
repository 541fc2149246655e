#!/usr/bin/python3
"""Writes test/golden/features.json: responses to Gaussian derivatives, resized slices and perceptual distances.

Gaussian derivatives: scipy.ndimage.gaussian_filter1d along each axis, multiplied by sigma to the order; the second
order less its own sum times the Gaussian, so that brightness does not answer. Resizing: PyTorch's interpolate.
Perceptual distance: numpy, from the definition (LPIPS is in no library of Debian).
"""
import json
import os

import numpy as np
import torch
from scipy import ndimage

random = np.random.default_rng(5)
side = 20
y, x = np.mgrid[0:side, 0:side]
brain = ((y - 9.5) / 8) ** 2 + ((x - 9.5) / 7) ** 2 < 1
image = np.where(brain, np.clip(0.5 + 0.3 * np.sin(x / 2.1) + 0.1 * random.standard_normal((side, side)), 0, 1), 0)
image = image.round(3).astype(np.float32)
other = np.where(brain, np.clip(image + 0.2 * random.standard_normal((side, side)), 0, 1), 0).round(3).astype(np.float32)


def smooth(values, sigma, order, axis):
    out = sigma**order * ndimage.gaussian_filter1d(values, sigma, axis=axis, order=order, mode='constant', truncate=4)
    if order == 2:
        ones = np.ones(201)
        rest = sigma**2 * ndimage.gaussian_filter1d(ones, sigma, order=2, mode='nearest', truncate=4)[100]
        out = out - rest * ndimage.gaussian_filter1d(values, sigma, axis=axis, order=0, mode='constant', truncate=4)
    return out


def responses(values):
    orders = [(0, 0), (0, 1), (1, 0), (0, 2), (1, 1), (2, 0)]
    return [
        np.stack([smooth(smooth(values.astype(np.float64), s, columns, 1), s, rows, 0) for rows, columns in orders])
        for s in (1, 2, 4)
    ]


def perceptual(first, second):
    unit = lambda layer: layer / (np.sqrt((layer**2).sum(0, keepdims=True)) + 1e-10)
    return float(((unit(first) - unit(second)) ** 2).sum(0).mean())


layers, others = responses(image), responses(other)
pooled = []
for layer in layers:
    for response in layer:
        energies = [np.abs(response).mean(), np.sqrt((response**2).mean())]
        pooled += [float(np.log((energy + 0.001) / 0.03)) for energy in energies]


def resized(to):
    tensor = torch.from_numpy(image)[None, None].double()
    return torch.nn.functional.interpolate(tensor, size=(to, to), mode='bilinear', align_corners=False)[0, 0]


golden = {
    'side': side,
    'image': [float(v) for v in image.ravel()],
    'other': [float(v) for v in other.ravel()],
    'pooled': pooled,
    'responses': [[float(response[9, 11]) for response in layer] for layer in layers],
    'perceptual': [perceptual(a, b) for a, b in zip(layers, others)],
    'resized': {str(to): [float(v) for v in resized(to).numpy().ravel()] for to in (13, 31)},
}
path = os.path.join(os.path.dirname(__file__), '../../test/golden/features.json')
with open(path, 'w') as file:
    json.dump(golden, file)
    file.write('\n')
