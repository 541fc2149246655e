"""Reads the event files of a run with TensorBoard's own reader and compares them with the journals.

usage: python3 scripts/check-events.py <run>          (pip install tensorboard)
"""

import json
import sys
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

for journal in sorted(Path(sys.argv[1]).glob("*/journal.jsonl")):
    events = EventAccumulator(str(journal.parent), size_guidance={"scalars": 0})
    events.Reload()
    wanted = {}
    for line in map(json.loads, journal.read_text().splitlines()):
        if line["kind"] == "step":
            found = {name.replace(".", "/", 1): value for name, value in line["losses"].items()}
        else:
            found = {f"validation/{name}": line["score"][name] for name in ("ssim", "mae")}
        for tag, value in found.items():
            wanted.setdefault(tag, []).append((line["iteration"], value))
    for tag, values in wanted.items():
        got = [(one.step, one.value) for one in events.Scalars(tag)]
        assert [step for step, _ in got] == [step for step, _ in values], f"{journal}: steps of {tag}"
        for (step, one), (_, other) in zip(got, values):
            assert abs(one - other) <= 1e-6 * abs(other) + 1e-30, f"{journal}: {tag} at {step}: {one}, {other}"
    print(f"{journal.parent.name}: {len(events.Tags()['scalars'])} curves, {len(wanted)} compared")
