#!/usr/bin/python3
"""Writes test/golden/targan.json: TarGAN's results, losses and gradients in float64, written here from its description alone.

Weights and slices are not stored: both sides make them from their names by the same formula.
"""
import json
import math
import os

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
N, M, S, FEATURES, CRITIC, LAYERS, LEVELS = 1, 3, 32, 4, 2, 4, 2
WIDTH = max(1, round(FEATURES / 4))


def wave(name, count):
    """sin(0.61·i + 0.37·h), h from the letters of the name."""
    h = sum(ord(c) * (j + 1) for j, c in enumerate(name)) % 997
    return torch.tensor([math.sin(0.61 * i + 0.37 * h) for i in range(count)])


parameters = {}


def P(name, *shape):
    if name not in parameters:
        values = wave(name, math.prod(shape)).reshape(shape)
        if len(shape) == 4:
            values = values * math.sqrt(2 / math.prod(shape[1:]))
        elif name.endswith(".norm.weight"):
            values = 1 + 0.1 * values
        else:
            values = 0.1 * values
        # What is compared with holds float32.
        parameters[name] = values.float().double().requires_grad_()
    return parameters[name]


def norm(x):
    mean = x.mean((2, 3), keepdim=True)
    return (x - mean) / torch.sqrt(((x - mean) ** 2).mean((2, 3), keepdim=True) + 1e-5)


# --- generator ------------------------------------------------------------------------------------------------------


def unit(name, x, outputs):
    y = norm(F.conv2d(x, P(f"{name}.conv.weight", outputs, x.shape[1], 3, 3), padding=1))
    y = y * P(f"{name}.norm.weight", outputs)[None, :, None, None] + P(f"{name}.norm.bias", outputs)[None, :, None, None]
    return F.leaky_relu(y, 0.01)


def block(name, x, outputs):
    return unit(f"{name}.second", unit(f"{name}.first", x, outputs), outputs)


def half(x):
    return x[:, : x.shape[1] // 2]


def climb(name, x, skip, outputs):
    up = unit(f"{name}.up", F.interpolate(x, scale_factor=2, mode="nearest"), outputs)
    return block(name, torch.cat([skip, up], 1), outputs)


def middle(x):
    f = FEATURES
    first = block("G.middle.down.level1", x, 4 * f)
    second = block("G.middle.down.level2", F.avg_pool2d(first, 2), 8 * f)
    third = block("G.middle.down.level3", F.avg_pool2d(second, 2), 16 * f)
    return climb("G.middle.up.level1", climb("G.middle.up.level2", third, half(second), 8 * f), half(first), 4 * f)


def branch(name, x, modality):
    f = FEATURES
    planes = modality[:, :, None, None].expand(N, M, S, S)
    first = block(f"G.{name}_encoder.level1", torch.cat([x, planes], 1), f)
    second = block(f"G.{name}_encoder.level2", F.avg_pool2d(first, 2), 2 * f)
    shared = middle(F.avg_pool2d(second, 2))
    y = climb(f"G.{name}_decoder.level2", shared, half(second), 2 * f)
    y = climb(f"G.{name}_decoder.level1", y, half(first), f)
    score = f"G.{name}_decoder.score"
    return torch.tanh(F.conv2d(y, P(f"{score}.weight", 1, f, 1, 1), P(f"{score}.bias", 1)))


def generator(image, target, modality):
    return branch("image", image, modality), branch("target", target, modality)


# --- critics and shape controller -----------------------------------------------------------------------------------


def critic(name, x):
    for i in range(LAYERS):
        outputs = CRITIC * 2**i
        weight = P(f"{name}.main.{2 * i}.weight", outputs, x.shape[1], 4, 4)
        x = F.leaky_relu(F.conv2d(x, weight, P(f"{name}.main.{2 * i}.bias", outputs), stride=2, padding=1), 0.01)
    deepest = x.shape[1]
    source = F.conv2d(x, P(f"{name}.conv1.weight", 1, deepest, 3, 3), padding=1)
    classes = F.conv2d(x, P(f"{name}.conv2.weight", 2 * M, deepest, S // 2**LAYERS, S // 2**LAYERS))
    return source, classes.reshape(N, 2 * M)


def plain(name, x, outputs):
    for part in ("conv1", "conv2"):
        weight = P(f"{name}.{part}.unit.0.weight", outputs, x.shape[1], 3, 3)
        x = F.leaky_relu(norm(F.conv2d(x, weight, padding=1)), 0.01)
    return x


def shape_controller(x):
    skips = []
    for level in range(LEVELS):
        x = plain(f"shape.encoder.features.convblock{level + 1}", x, WIDTH * 2**level)
        skips.append(x)
        x = F.max_pool2d(x, 2)
    x = plain("shape.encoder.center_conv", x, WIDTH * 2**LEVELS)
    for i in range(LEVELS):
        outputs = WIDTH * 2 ** (LEVELS - 1 - i)
        x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)
        weight = P(f"shape.decoder.features.upconv{i + 1}.up.1.unit.0.weight", outputs, x.shape[1], 3, 3)
        x = F.leaky_relu(norm(F.conv2d(x, weight, padding=1)), 0.01)
        x = plain(f"shape.decoder.features.convblock{i + 1}", torch.cat([skips[LEVELS - 1 - i], x], 1), outputs)
    return torch.sigmoid(F.conv2d(x, P("shape.score.weight", 1, WIDTH, 1, 1), P("shape.score.bias", 1)))


# --- batch ----------------------------------------------------------------------------------------------------------

rows, columns = torch.meshgrid(torch.arange(S), torch.arange(S), indexing="ij")
away = torch.hypot(rows - 15.5, columns - 15.5)
brain = (away < 12).double().expand(N, 1, S, S)
mask = (torch.hypot(rows - 12.0, columns - 18.0) < 5).double().expand(N, 1, S, S)
image = torch.where(brain > 0, 0.9 * wave("image", N * S * S).reshape(N, 1, S, S), torch.tensor(-1.0)).float().double()
source, target = torch.eye(M)[[0]], torch.eye(M)[[2]]
alpha, beta = torch.tensor([0.3]).float().double(), torch.tensor([0.6]).float().double()


def to_unit(x):
    return ((x + 1) / 2).clamp(0, 1)


cut = (2 * mask * to_unit(image) - 1).clamp(-1, 1)


# --- losses ---------------------------------------------------------------------------------------------------------


def told(logits, real, made):
    """Binary cross-entropy summed over the outputs, mean over the batch."""
    return F.binary_cross_entropy_with_logits(logits, torch.cat([real, made], 1), reduction="sum") / N


none = torch.zeros(N, M)


def critic_terms(name, real, fake, mixing):
    on_real, on_fake = critic(name, real), critic(name, fake)
    mixed = (mixing[:, None, None, None] * real + (1 - mixing[:, None, None, None]) * fake).detach().requires_grad_()
    slope = torch.autograd.grad(critic(name, mixed)[0].sum(), mixed, create_graph=True)[0]
    return {
        "real": -on_real[0].mean(),
        "fake": on_fake[0].mean(),
        "cls": told(on_real[1], source, none),
        "trace": told(on_fake[1], none, source),
        "gp": ((slope.reshape(N, -1).norm(dim=1) - 1) ** 2).mean(),
    }


def total(terms, weights):
    return sum(weights[key] * value for key, value in terms.items())


critic_weights = {"real": 1, "fake": 1, "cls": 1, "trace": 0.01, "gp": 10}
generator_weights = {
    "fake": 1, "cls": 1, "local_fake": 1, "local_cls": 1, "rec": 1, "local_rec": 1, "cross": 50, "shape": 1,
}  # fmt: skip

made, made_target = generator(image, cut, target)
whole = critic_terms("D", image, made.detach(), alpha)
local = critic_terms("localD", cut, made_target.detach(), beta)
critic_total = total(whole, critic_weights) + total(local, critic_weights)

back, back_target = generator(made, made_target, source)
verdict, local_verdict = critic("D", made), critic("localD", made_target)
generated = {
    "fake": -verdict[0].mean(),
    "cls": told(verdict[1], target, none),
    "local_fake": -local_verdict[0].mean(),
    "local_cls": told(local_verdict[1], target, none),
    "rec": (image - back).abs().mean(),
    "local_rec": (cut - back_target).abs().mean(),
    "cross": (mask * to_unit(made) - to_unit(made_target)).abs().mean(),
    "shape": ((shape_controller(made) - brain) ** 2).mean() + ((shape_controller(made_target) - mask) ** 2).mean(),
}
generator_total = total(generated, generator_weights)


def gradients(loss, prefixes):
    names = [name for name in parameters if name.split(".")[0] in prefixes]
    values = torch.autograd.grad(loss, [parameters[name] for name in names], retain_graph=True)
    return {
        name: {"norm": float(g.norm()), "along": float((g.flatten() * wave("along", g.numel())).sum())}
        for name, g in zip(names, values)
    }


golden = {
    "configuration": {
        "batch": N, "modalities": M, "sliceSide": S, "features": FEATURES,
        "criticFeatures": CRITIC, "criticLayers": LAYERS, "levels": LEVELS,
    },
    "image": [round(float(v), 9) for v in made.detach().flatten()[::37]],
    "critic": {
        **{key: float(value) for key, value in whole.items()},
        **{f"local_{key}": float(value) for key, value in local.items()},
    },
    "generator": {key: float(value) for key, value in generated.items()},
    "criticGradients": gradients(critic_total, ["D", "localD"]),
    "generatorGradients": gradients(generator_total, ["G", "shape"]),
}  # fmt: skip
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "../../test/golden/targan.json"), "w") as file:
    json.dump(golden, file, indent=1)
    file.write("\n")
