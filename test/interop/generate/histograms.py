"""Writes what TensorBoard's own summary and tensorboardX make of random values to test/fixtures/media/histograms.json.

Run it with a Python that has tensorboard and tensorboardX:  python test/interop/generate/histograms.py
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from tensorboard.plugins.histogram.summary_v2 import histogram_pb
from tensorboard.util import tensor_util
from tensorboardX import SummaryWriter
from tensorboardX.summary import histogram as tensorboardx_histogram

SEED = 20
EDGES = SummaryWriter(write_to_disk=False).default_bins  # what bins="tensorflow" stands for
rng = np.random.default_rng(SEED)
data = {
    "normal": rng.normal(0, 1, 200),
    "uniform, large": rng.uniform(1e6, 1e6 + 3, 150),
    "small, of one sign": rng.exponential(1e-4, 100),
    "whole numbers": rng.integers(-5, 6, 120).astype(float),
    "all equal": np.full(7, 0.5),
    "one value": np.array([-3.25]),
    "zeros and others": np.concatenate([np.zeros(10), [1e-13, -1e-13, 5, -7]]),
}


def proto(histo):
    return {
        "min": histo.min,
        "max": histo.max,
        "num": histo.num,
        "sum": histo.sum,
        "sumSquares": histo.sum_squares,
        "limits": list(histo.bucket_limit),
        "counts": list(histo.bucket),
    }


cases = []
for name, values in data.items():
    thirty = tensor_util.make_ndarray(histogram_pb("x", values).value[0].tensor)
    tensorflow = tensorboardx_histogram("x", values, EDGES).value[0].histo
    edges = [-2.0, -0.5, 0.0, 0.25, 3.0]
    counts, _ = np.histogram(values, bins=edges)
    cases.append(
        {
            "name": name,
            "values": values.tolist(),
            "thirty": thirty.tolist(),
            "tensorflow": proto(tensorflow),
            "edges": edges,
            "counts": counts.tolist(),
        }
    )

made = {
    "seed": SEED,
    "versions": {name: version(name) for name in ("numpy", "tensorboard", "tensorboardX")},
    "cases": cases,
}
target = Path(__file__).resolve().parents[2] / "fixtures" / "media" / "histograms.json"
target.parent.mkdir(parents=True, exist_ok=True)
target.write_text(json.dumps(made) + "\n")
print(target, len(cases), "cases")
