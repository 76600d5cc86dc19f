"""Prints the seconds that tensorboardX takes for each of `rounds` rounds of `count` scalars, from add_scalar to close."""

import json
import shutil
import sys
import tempfile
import time

from tensorboardX import SummaryWriter

rounds, count = int(sys.argv[1]), int(sys.argv[2])
seconds = []
for _ in range(rounds):
    folder = tempfile.mkdtemp()
    began = time.perf_counter()
    writer = SummaryWriter(folder)
    for i in range(count):
        writer.add_scalar(f"train/metric{i % 20}", i * 0.5, i // 20)
    writer.close()
    seconds.append(time.perf_counter() - began)
    shutil.rmtree(folder)
print(json.dumps(seconds))
