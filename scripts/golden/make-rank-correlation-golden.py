#!/usr/bin/python3
"""Writes test/golden/rank-correlation.json: pairs of values and what scipy says of their ranks."""
import json
import os

import numpy as np
from scipy.stats import spearmanr

random = np.random.default_rng(3)


def case(name, first, second):
    first, second = np.round(first, 4), np.round(second, 4)
    return {
        "name": name,
        "first": [float(v) for v in first],
        "second": [float(v) for v in second],
        "rho": float(spearmanr(first, second).statistic),
    }


noise = random.standard_normal((6, 60))
cases = [
    case("no ties", noise[0], noise[0] + noise[1]),
    case("against each other", noise[2], -noise[2] + 0.3 * noise[3]),
    case("many ties", np.round(noise[4]), np.round(noise[4] + noise[5])),
    case("mostly zeros, as in maps", np.maximum(0, noise[0]), np.maximum(0, noise[0] + 0.5 * noise[2])),
]
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "../../test/golden/rank-correlation.json"), "w") as file:
    json.dump(cases, file)
    file.write("\n")
