"""Writes test/golden/tensorboard-events.json: records of an event file as TensorBoard itself writes them.

pip install tensorboard (2.21 made the committed file).
"""

import io
import json
from pathlib import Path

from tensorboard.compat.proto import event_pb2
from tensorboard.summary.writer.record_writer import RecordWriter


def record(event):
    file = io.BytesIO()
    RecordWriter(file).write(event.SerializeToString())
    return file.getvalue().hex()


version = event_pb2.Event(wall_time=1700000000.5, file_version="brain.Event:2")
scalars = event_pb2.Event(wall_time=1700000123.25, step=300)
for tag, value in [("critic/real", -0.15625), ("validation/ssim", 0.875), ("ssim/t1 to flair", 1e-7)]:
    scalars.summary.value.add(tag=tag, simple_value=value)

path = Path(__file__).parents[2] / "test/golden/tensorboard-events.json"
path.write_text(json.dumps({"version": record(version), "scalars": record(scalars)}, indent=2) + "\n")
