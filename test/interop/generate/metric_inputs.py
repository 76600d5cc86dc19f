"""Random inputs for metrics: every kind of data a metric meets, the awkward ones too. Numbers have few digits, so that they are the
same in JSON, in NumPy and in a typed array."""

import numpy as np

BATCHES = 3


def sizes(rng, low=4, high=7):
    return [int(rng.integers(low, high + 1)) for _ in range(BATCHES)]


def scores(rng, shape, kind):
    """Probabilities of one label each, many of them equal, or logits."""
    if kind == "ties":
        return rng.integers(0, 9, shape) / 8
    if kind == "logits":
        return np.round(rng.normal(0, 2, shape), 2)
    if kind == "edges":
        return rng.choice([0.0, 0.25, 0.5, 1.0], shape)
    # Never a multiple of 0.01: thresholds and bins are, and which side of one a score is on would hang on the last bit.
    return (rng.integers(0, 100, shape) * 10 + rng.integers(1, 10, shape)) / 1000


def class_scores(rng, count, classes, extra, kind):
    """(N, C, ...) scores: rows that add up to 1, rows with equal best classes, or logits."""
    shape = (count, classes, *extra)
    if kind == "logits":
        return np.round(rng.normal(0, 2, shape), 2)
    if kind == "ties":
        # Eighths: not distributions, but in [0, 1], with many equal ones.
        return rng.integers(0, 5, shape) / 8
    raw = rng.dirichlet(np.ones(classes) * 0.8, (count, *extra))
    return np.round(np.moveaxis(raw, -1, 1), 3)


def targets(rng, shape, classes, kind):
    if kind == "one-class":
        return np.full(shape, int(rng.integers(0, classes)))
    if kind == "absent":
        # The last class never comes, and the first seldom.
        return rng.choice(np.arange(classes - 1), shape, p=_skewed(classes - 1))
    return rng.integers(0, classes, shape)


def _skewed(count):
    weights = np.arange(1, count + 1, dtype=float)
    return weights / weights.sum()


def ignoring(rng, target, ignore_index, everything=False):
    """Some targets become the index that does not count; or all, in the first batch."""
    hit = np.ones(target.shape, bool) if everything else rng.random(target.shape) < 0.3
    return np.where(hit, ignore_index, target)


def binary(rng, kind="scores", ignore_index=None, extra=(), target="any"):
    batches = []
    for index, count in enumerate(sizes(rng)):
        shape = (count, *extra)
        truth = targets(rng, shape, 2, target)
        preds = rng.integers(0, 2, shape) if kind == "labels" else scores(rng, shape, kind)
        if kind == "perfect":
            preds = np.where(truth == 1, 0.875, 0.125)
        if ignore_index is not None:
            truth = ignoring(rng, truth, ignore_index, everything=kind == "emptied" and index == 0)
        batches.append([preds, truth])
    return batches


def multiclass(rng, classes, kind="scores", ignore_index=None, extra=(), target="any"):
    batches = []
    for index, count in enumerate(sizes(rng)):
        shape = (count, *extra)
        truth = targets(rng, shape, classes, target)
        if kind == "labels":
            preds = targets(rng, shape, classes, "absent" if target == "absent" else "any")
        else:
            preds = class_scores(rng, count, classes, extra, kind)
        if ignore_index is not None:
            truth = ignoring(rng, truth, ignore_index, everything=kind == "emptied" and index == 0)
        batches.append([preds, truth])
    return batches


def multilabel(rng, labels, kind="scores", ignore_index=None, extra=(), target="any"):
    batches = []
    for index, count in enumerate(sizes(rng)):
        shape = (count, labels, *extra)
        truth = rng.integers(0, 2, shape)
        if target == "one-class":
            truth[:, 0] = 0
            truth[:, -1] = 1
        preds = rng.integers(0, 2, shape) if kind == "labels" else scores(rng, shape, kind)
        if ignore_index is not None:
            truth = ignoring(rng, truth, ignore_index, everything=kind == "emptied" and index == 0)
        batches.append([preds, truth])
    return batches


def pairs(rng, outputs=None, kind="any", low=4):
    """Predictions and targets of a regression."""
    batches = []
    for count in sizes(rng, low=low):
        shape = (count,) if outputs is None else (count, outputs)
        if kind == "positive":
            truth = np.round(rng.gamma(2, 2, shape), 2)
            preds = np.round(truth * rng.uniform(0.5, 1.6, shape), 2)
        elif kind == "ties":
            truth, preds = rng.integers(0, 4, shape) / 2, rng.integers(0, 4, shape) / 2
        elif kind == "constant":
            truth, preds = np.full(shape, 1.5), np.round(rng.normal(1.5, 1, shape), 2)
        elif kind == "exact":
            truth = np.round(rng.normal(0, 2, shape), 2)
            preds = truth.copy()
        elif kind == "zeros":
            truth = rng.integers(0, 2, shape) * 1.5
            preds = np.round(rng.normal(0, 1, shape), 2)
        elif kind == "offset":
            # Far from zero beside its spread: what sums of squares lose their digits on.
            truth = np.round(1000 + rng.normal(0, 1, shape), 2)
            preds = np.round(truth + rng.normal(0, 0.5, shape), 2)
        else:
            truth = np.round(rng.normal(0, 2, shape), 2)
            preds = np.round(truth + rng.normal(0, 1, shape), 2)
        batches.append([preds, truth])
    return batches


def distributions(rng, classes, is_log=False):
    batches = []
    for count in sizes(rng):
        rows = [np.round(rng.dirichlet(np.ones(classes), count) + 0.001, 4) for _ in range(2)]
        if is_log:
            rows = [np.round(np.log(row / row.sum(-1, keepdims=True)), 6) for row in rows]
        batches.append(rows)
    return batches


def values(rng, kind="any", is_weighted=False):
    """What aggregators take: numbers or vectors, with NaNs in some."""
    batches = []
    for index in range(4):
        shape = () if kind == "scalars" else (int(rng.integers(1, 4)),)
        value = np.round(rng.normal(0, 3, shape), 2)
        if kind == "nan" and index % 2 == 1:
            value = value.copy()
            value[0] = np.nan
        batch = [value]
        if is_weighted:
            batch.append(np.array(float(rng.integers(1, 9))) if kind == "scalars" else np.round(rng.uniform(0.5, 4, shape), 1))
        batches.append(batch)
    return batches
