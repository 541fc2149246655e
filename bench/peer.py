"""UTAD-Net's update steps in PyTorch, for comparison: the same networks, losses and optimiser as src/training/update.ts.

Started by bench/run.ts, one process for each piece of work. Reads lines from standard input:
the first is the work as JSON, every other one asks for one repetition. Answers a line of JSON each time.
"""

import json
import math
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


def unit(inputs, outputs):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1), nn.InstanceNorm2d(outputs), nn.LeakyReLU(0.01))


def block(inputs, outputs):
    return nn.Sequential(unit(inputs, outputs), unit(outputs, outputs))


class Encoder(nn.Module):
    def __init__(self, inputs, features, levels):
        super().__init__()
        widths = [features * 2**level for level in range(levels + 1)]
        self.blocks = nn.ModuleList(block(inputs if i == 0 else widths[i - 1], widths[i]) for i in range(levels))
        self.centre = block(widths[levels - 1], widths[levels])

    def forward(self, x):
        skips = []
        for one in self.blocks:
            x = one(x)
            skips.append(x)
            x = F.max_pool2d(x, 2)
        return self.centre(x), skips


class Decoder(nn.Module):
    def __init__(self, features, levels):
        super().__init__()
        widths = [features * 2**level for level in reversed(range(levels))]
        self.ups = nn.ModuleList(unit(2 * width, width) for width in widths)
        self.blocks = nn.ModuleList(block(2 * width, width) for width in widths)
        self.score = nn.Conv2d(features, 1, 1)

    def forward(self, x, skips):
        for up, join, skip in zip(self.ups, self.blocks, reversed(skips)):
            x = up(F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True))
            x = join(torch.cat([skip, x], 1))
        return torch.tanh(self.score(x))


class Fusion(nn.Module):
    def __init__(self, width):
        super().__init__()
        layers = []
        for inputs in (3 * width, width):
            layers += [nn.Conv2d(inputs, width, 3, padding=1), nn.BatchNorm2d(width), nn.LeakyReLU(0.1)]
        self.layers = nn.Sequential(*layers)

    def forward(self, a, b):
        return self.layers(torch.cat([a + b, a * b, torch.max(a, b)], 1))


class Generator(nn.Module):
    def __init__(self, modalities, features, levels):
        super().__init__()
        inputs = 1 + modalities
        self.image_encoder, self.tumour_encoder = (Encoder(inputs, features, levels) for _ in range(2))
        self.image_decoder, self.tumour_decoder = (Decoder(features, levels) for _ in range(2))
        self.fusion = Fusion(features * 2**levels)

    def forward(self, image, tumour, target):
        planes = target[:, :, None, None].expand(-1, -1, *image.shape[2:])
        whole, image_skips = self.image_encoder(torch.cat([image, planes], 1))
        local, tumour_skips = self.tumour_encoder(torch.cat([tumour, planes], 1))
        bottleneck = self.fusion(whole, local)
        return self.image_decoder(bottleneck, image_skips), self.tumour_decoder(bottleneck, tumour_skips)


class Critic(nn.Module):
    def __init__(self, modalities, side, features):
        super().__init__()
        layers, width, inputs = int(math.log2(side)) - 1, features, 1
        body = []
        for layer in range(layers):
            body += [nn.Conv2d(inputs, width, 4, 2, 1), nn.LeakyReLU(0.001 if layer == 0 else 0.01)]
            inputs, width = width, 2 * width
        self.body = nn.Sequential(*body)
        self.source = nn.Conv2d(inputs, 1, 3, padding=1, bias=False)
        self.modality = nn.Conv2d(inputs, modalities, side // 2**layers, bias=False)

    def forward(self, x):
        x = self.body(x)
        return self.source(x), self.modality(x).flatten(1)


def cut(image, mask):
    return torch.clamp(2 * mask * torch.clamp((image + 1) / 2, 0, 1) - 1, -1, 1)


def penalty(critic, real, fake):
    mix = torch.rand(real.shape[0], 1, 1, 1, device=real.device)
    point = (mix * real + (1 - mix) * fake).requires_grad_(True)
    (slope,) = torch.autograd.grad(critic(point)[0].sum(), point, create_graph=True)
    return ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()


class Teacher:
    """Both updates of the teacher on one random batch."""

    def __init__(self, work, device):
        modalities, side, batch = 4, work["side"], work["batch"]
        self.generator = Generator(modalities, work["features"], 4).to(device)
        self.critics = [Critic(modalities, side, work["features"]).to(device) for _ in range(2)]
        rate = dict(lr=1e-4, betas=(0.9, 0.999))
        self.generator_adam = torch.optim.Adam(self.generator.parameters(), **rate)
        self.critic_adam = torch.optim.Adam([p for c in self.critics for p in c.parameters()], **rate)
        self.image = torch.rand(batch, 1, side, side, device=device) * 2 - 1
        self.mask = (torch.rand(batch, 1, side, side, device=device) > 0.8).float()
        self.tumour = cut(self.image, self.mask)
        self.source = torch.randint(modalities, (batch,), device=device)
        self.target = torch.randint(modalities, (batch,), device=device)
        self.source_planes, self.target_planes = (
            F.one_hot(x, modalities).float() for x in (self.source, self.target)
        )

    def critic_update(self):
        with torch.no_grad():
            fakes = self.generator(self.image, self.tumour, self.target_planes)
        loss = 0
        for critic, real, fake in zip(self.critics, (self.image, self.tumour), fakes):
            on_real, modality = critic(real)
            loss = loss - on_real.mean() + critic(fake)[0].mean()
            loss = loss + F.cross_entropy(modality, self.source) + 10 * penalty(critic, real, fake)
        self.critic_adam.zero_grad(set_to_none=True)
        loss.backward()
        self.critic_adam.step()

    def generator_update(self):
        for critic in self.critics:
            critic.requires_grad_(False)
        made, local = self.generator(self.image, self.tumour, self.target_planes)
        cut_out = cut(made, self.mask)
        back, local_back = self.generator(made, cut_out, self.source_planes)
        loss = 0
        for critic, fake in zip(self.critics, (made, local)):
            real, modality = critic(fake)
            loss = loss - real.mean() + F.cross_entropy(modality, self.target)
        loss = loss + 10 * F.l1_loss(back, self.image)
        loss = loss + 10 * (F.l1_loss(local, cut_out) + F.l1_loss(self.tumour, local_back))
        self.generator_adam.zero_grad(set_to_none=True)
        loss.backward()
        self.generator_adam.step()
        for critic in self.critics:
            critic.requires_grad_(True)

    def both_updates(self):
        self.critic_update()
        self.generator_update()

    def generator_pass(self):
        made, local = self.generator(self.image, self.tumour, self.target_planes)
        self.generator_adam.zero_grad(set_to_none=True)
        (made.mean() + local.mean()).backward()


class Translation:
    """The published generator over all slices of a volume, both decoders, as its published test does."""

    def __init__(self, work, device):
        self.generator = Generator(4, work["features"], 4).eval().to(device)
        self.batch, self.slices = work["batch"], work["slices"]
        self.image = torch.rand(self.batch, 1, work["side"], work["side"], device=device) * 2 - 1
        self.target = F.one_hot(torch.zeros(self.batch, dtype=torch.long, device=device), 4).float()

    def translation(self):
        with torch.no_grad():
            for start in range(0, self.slices, self.batch):
                count = min(self.batch, self.slices - start)
                image = self.image[:count]
                self.generator(image, image, self.target[:count])


def main():
    work = json.loads(sys.stdin.readline())
    torch.set_num_threads(work["threads"])
    torch.manual_seed(1)
    device = torch.device("cuda" if work["device"] != "cpu" else "cpu")
    subject = (Translation if work["kind"] == "translation" else Teacher)(work, device)
    update = getattr(subject, work["kind"].replace("-", "_"))

    def run():
        update()
        if device.type == "cuda":
            torch.cuda.synchronize()

    run()
    print(json.dumps({"version": f"PyTorch {torch.__version__}"}), flush=True)
    for _ in sys.stdin:
        began, before = time.perf_counter(), time.process_time()
        run()
        seconds, processor_seconds = time.perf_counter() - began, time.process_time() - before
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps({"seconds": seconds, "processorSeconds": processor_seconds, "peakBytes": peak}), flush=True)


main()
