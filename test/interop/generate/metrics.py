"""Runs torchmetrics, and scikit-learn where it has the metric, on random inputs and keeps what they say.

    python test/interop/generate/metrics.py

Needs torch, torchmetrics, scikit-learn and SciPy. Writes test/fixtures/differential/metrics-*.json: for each case the inputs of every
batch, what `forward` gave for each, `compute()` over all, and `compute()` after merging two halves. torchmetrics works in float64 here,
so that what is compared are rules and not rounding; it still counts in float32, which is why the replay compares to 1e-6.
"""

import json
import warnings
import zlib
from copy import deepcopy

import numpy as np
import scipy
import sklearn
import torch
import torchmetrics
import torchmetrics.classification
import torchmetrics.regression
import torchmetrics.text
import torchmetrics.wrappers

import metric_inputs as inputs
import sklearn_values
from common import plain, rounded, write_fixture

SEED = 20260801
torch.set_default_dtype(torch.float64)
torch.manual_seed(SEED)
warnings.simplefilter("ignore")

HEADER = {
    "program": "torchmetrics (Apache-2.0), values only; scikit-learn (BSD-3-Clause), values only",
    "generator": "test/interop/generate/metrics.py",
    "seed": SEED,
    "dtype": "float64",
}


def versions():
    return {"torchmetrics": torchmetrics.__version__, "torch": torch.__version__, "scikit-learn": sklearn.__version__, "scipy": scipy.__version__, "numpy": np.__version__}


def find(name):
    for module in (torchmetrics.classification, torchmetrics.regression, torchmetrics.text, torchmetrics.wrappers, torchmetrics, torchmetrics.aggregation):
        if hasattr(module, name):
            return getattr(module, name)
    raise LookupError(name)


def build(spec):
    """A metric of a specification; wrappers name the metric within."""
    if "metrics" in spec:
        entries = spec["metrics"]
        members = [build(entry) for entry in entries] if isinstance(entries, list) else {key: build(entry) for key, entry in entries.items()}
        return torchmetrics.MetricCollection(members, **spec.get("options", {}))
    args = [build(spec["metric"])] if "metric" in spec else []
    metric = find(spec["class"])(*args, **spec.get("options", {}))
    metric.set_dtype(torch.float64)
    return metric


def tensors(batch):
    return [torch.from_numpy(np.array(part)) for part in batch]


def attempt(action):
    try:
        return rounded(action())
    except IndexError:
        return None  # a crash, not a refusal: nothing to compare with
    except Exception as error:  # noqa: BLE001 - what it refuses is a result like any other
        return {"error": type(error).__name__}


def updated(spec, batches):
    metric = build(spec)
    for batch in batches:
        metric.update(*tensors(batch))
    return metric


def is_defect(spec, batch):
    """Inputs for which torchmetrics says what cannot be meant; each is named in docs/compatibility.md."""
    name, options = spec.get("class", ""), spec.get("options", {})
    counting = np.asarray(batch[-1])[np.asarray(batch[-1]) != options.get("ignore_index")] if "options" in spec else np.ones(1)
    if name in ("MulticlassPrecisionRecallCurve", "MulticlassAveragePrecision") and options.get("thresholds", 0) is None:
        return bool((counting == 0).all())  # takes class 0 for "no positive samples", whatever the class of the curve
    if name.endswith("CalibrationError") and options["norm"] != "l1":
        return counting.size == 0  # 0 for no data, and NaN with the other norm
    return False


def run_case(spec, batches):
    metric = build(spec)
    case = {"batches": plain([[np.asarray(part) for part in batch] for batch in batches])}
    case["forward"] = [attempt(lambda batch=batch: metric(*tensors(batch))) for batch in batches]
    case["forward"] = [None if is_defect(spec, batch) else value for value, batch in zip(case["forward"], batches)]
    # After a refusal torchmetrics has lost what it had gathered before; MinMaxMetric loses it with each forward.
    is_whole = spec.get("class") != "MinMaxMetric" and not any(isinstance(value, dict) and "error" in value for value in case["forward"])
    case["compute"] = attempt(metric.compute) if is_whole else None
    alone = attempt(lambda: updated(spec, batches).compute())
    if alone != case["compute"]:
        case["updated"] = alone
    if "metrics" not in spec:
        # The second half takes the first one in: torchmetrics puts what comes in before what is there.
        half = len(batches) // 2
        try:
            whole = updated(spec, batches[half:])
            whole.merge_state(updated(spec, batches[:half]))
        except Exception:  # noqa: BLE001 - metrics that keep no states of their own refuse to be merged
            return case
        case["merged"] = attempt(whole.compute)
    return case


class Collector:
    def __init__(self):
        self.cases = []
        self.left_out = []

    def add(self, spec, batches_of, note="", with_sklearn=True):
        """`batches_of` makes the inputs from a generator seeded by the case's own name, so that cases do not hang on each other."""
        name = " ".join(part for part in (label(spec), note) if part)
        name = unique(name, {case["name"] for case in self.cases})
        rng = np.random.default_rng(SEED + zlib.crc32(name.encode()))
        batches = batches_of(rng)
        case = {"name": name, **deepcopy(spec), **run_case(spec, batches)}
        peer = sklearn_values.value(spec, batches) if with_sklearn and "metric" not in spec and "metrics" not in spec else None
        if peer is not None:
            peer = rounded(peer)
            if agree(peer, case["compute"]):
                case["sklearn"] = peer
            else:
                self.left_out.append(name)
        self.cases.append(case)


def agree(left, right):
    try:
        return np.allclose(np.asarray(left, float), np.asarray(right, float), atol=1e-6, rtol=1e-6, equal_nan=True)
    except (TypeError, ValueError):
        return False


def label(spec):
    if "metrics" in spec:
        return f"MetricCollection {json.dumps(spec.get('options', {}))}" if spec.get("options") else "MetricCollection"
    options = " ".join(f"{key}={value}" for key, value in spec.get("options", {}).items())
    inner = f"({label(spec['metric'])})" if "metric" in spec else ""
    return f"{spec['class']}{inner} {options}".strip()


def unique(name, taken):
    if name not in taken:
        return name
    index = 2
    while f"{name} #{index}" in taken:
        index += 1
    return f"{name} #{index}"


COUNTED = {
    "Accuracy": {}, "Precision": {}, "Recall": {}, "F1Score": {}, "FBetaScore": {"beta": 2.0}, "Specificity": {},
    "NegativePredictiveValue": {}, "HammingDistance": {}, "StatScores": {},
}
WITH_ZERO_DIVISION = ("Precision", "Recall", "F1Score", "FBetaScore")


def binary_cases(into):
    for name, fixed in COUNTED.items():
        def spec(**options):
            return {"class": f"Binary{name}", "options": {**fixed, **options}}

        into.add(spec(), lambda rng: inputs.binary(rng))
        into.add(spec(threshold=0.25), lambda rng: inputs.binary(rng, "ties"), "ties on the threshold")
        into.add(spec(), lambda rng: inputs.binary(rng, "logits"), "logits")
        into.add(spec(), lambda rng: inputs.binary(rng, "labels"), "labels")
        into.add(spec(ignore_index=-1), lambda rng: inputs.binary(rng, "ties", -1))
        into.add(spec(ignore_index=-1), lambda rng: inputs.binary(rng, "emptied", -1), "a batch of nothing")
        into.add(spec(), lambda rng: inputs.binary(rng, "scores", target="one-class"), "one class")
        into.add(spec(multidim_average="samplewise"), lambda rng: inputs.binary(rng, extra=(3,)))
        into.add(spec(multidim_average="samplewise", ignore_index=-1), lambda rng: inputs.binary(rng, "scores", -1, (4,)))
        into.add(spec(), lambda rng: inputs.binary(rng, extra=(2, 2)), "with more dimensions")
        if name in WITH_ZERO_DIVISION:
            into.add(spec(zero_division=1), lambda rng: [[np.zeros(3), np.zeros(3, int)] for _ in range(3)], "0/0")
    for options in ({}, {"normalize": "true"}, {"normalize": "pred"}, {"normalize": "all"}, {"ignore_index": -1}, {"threshold": 0.25}):
        into.add({"class": "BinaryConfusionMatrix", "options": options}, lambda rng: inputs.binary(rng, "ties", options.get("ignore_index")))
    into.add({"class": "BinaryConfusionMatrix", "options": {"normalize": "true"}}, lambda rng: inputs.binary(rng, target="one-class"), "one class")
    for name, choices in {
        "JaccardIndex": [{}, {"ignore_index": -1}, {"zero_division": 1}],
        "MatthewsCorrCoef": [{}, {"ignore_index": -1}],
        "CohenKappa": [{}, {"weights": "linear"}, {"weights": "quadratic"}, {"ignore_index": -1}],
    }.items():
        for options in choices:
            into.add({"class": f"Binary{name}", "options": options}, lambda rng: inputs.binary(rng, "ties", options.get("ignore_index")))
        into.add({"class": f"Binary{name}", "options": {}}, lambda rng: inputs.binary(rng, "perfect"), "all right")
        into.add({"class": f"Binary{name}", "options": {}}, lambda rng: [[1 - np.arange(4) % 2, np.arange(4) % 2] for _ in range(3)], "all wrong")
        into.add({"class": f"Binary{name}", "options": {}}, lambda rng: inputs.binary(rng, target="one-class"), "one class")
        into.add({"class": f"Binary{name}", "options": {}}, lambda rng: [[np.ones(3, int), np.ones(3, int)]] * 3, "only ones")
        into.add({"class": f"Binary{name}", "options": {}}, lambda rng: [[np.zeros(3, int), np.zeros(3, int)]] * 3, "only zeros")
    into.add({"class": "BinaryJaccardIndex", "options": {"zero_division": 1}}, lambda rng: [[np.zeros(3, int), np.zeros(3, int)]] * 3, "0/0")


def averaged_cases(into, task, classes, key, inputs_of):
    for name, fixed in COUNTED.items():
        def spec(**options):
            return {"class": f"{task}{name}", "options": {key: classes, **fixed, **options}}

        averages = ["macro", "micro", "weighted", "none"]
        for average in averages:
            into.add(spec(average=average), lambda rng: inputs_of(rng, classes, "ties"), "ties")
            into.add(spec(average=average), lambda rng: inputs_of(rng, classes, "labels", target="absent" if task == "Multiclass" else "one-class"), "an absent class")
            into.add(spec(average=average, ignore_index=-1), lambda rng: inputs_of(rng, classes, "scores", -1))
            if task == "Multiclass":
                into.add(spec(average=average, ignore_index=1), lambda rng: inputs_of(rng, classes, "labels", 1))
                into.add(spec(average=average, top_k=2), lambda rng: inputs_of(rng, classes, "scores"))
                into.add(spec(average=average, multidim_average="samplewise"), lambda rng: inputs_of(rng, classes, "labels", extra=(4,)))
                into.add(spec(average=average, multidim_average="samplewise", ignore_index=1), lambda rng: inputs_of(rng, classes, "scores", 1, extra=(4,)))
            elif (name, average) != ("StatScores", "weighted"):
                # That one torchmetrics divides by the weights of all samples of the batch, so that it hangs on the batch.
                into.add(spec(average=average, multidim_average="samplewise"), lambda rng: inputs_of(rng, classes, "scores", extra=(3,)))
            if name in WITH_ZERO_DIVISION:
                into.add(spec(average=average, zero_division=1), lambda rng: inputs_of(rng, classes, "labels", target="absent" if task == "Multiclass" else "one-class"))
        into.add(spec(), lambda rng: inputs_of(rng, classes, "logits"), "logits")
        into.add(spec(ignore_index=-1), lambda rng: inputs_of(rng, classes, "emptied", -1), "a batch of nothing")
        into.add(spec(), lambda rng: inputs_of(rng, classes, "scores", target="one-class"), "one class")
        if task == "Multiclass":
            into.add(spec(top_k=3), lambda rng: inputs_of(rng, classes, "scores", target="absent"), "an absent class")
            into.add(spec(top_k=2, ignore_index=0), lambda rng: inputs_of(rng, classes, "logits", 0), "logits")
            into.add(spec(), lambda rng: inputs_of(rng, classes, "scores", extra=(2, 2)), "with more dimensions")
        else:
            into.add(spec(threshold=0.25), lambda rng: inputs_of(rng, classes, "ties"), "ties on the threshold")
    for normalize in (None, "true", "pred", "all"):
        options = {key: classes, **({"normalize": normalize} if normalize else {})}
        into.add({"class": f"{task}ConfusionMatrix", "options": options}, lambda rng: inputs_of(rng, classes, "ties", target="absent" if task == "Multiclass" else "any"))
    into.add({"class": f"{task}ConfusionMatrix", "options": {key: classes, "ignore_index": -1}}, lambda rng: inputs_of(rng, classes, "scores", -1))
    for average in ("macro", "micro", "weighted", "none"):
        for options, note in (({}, ""), ({"ignore_index": 1 if task == "Multiclass" else -1}, ""), ({"zero_division": 1}, "")):
            into.add(
                {"class": f"{task}JaccardIndex", "options": {key: classes, "average": average, **options}},
                lambda rng: inputs_of(rng, classes, "labels", options.get("ignore_index"), target="absent" if task == "Multiclass" else "one-class"),
                note,
            )
    for kind, target in (("labels", "any"), ("ties", "any"), ("scores", "one-class")):
        into.add({"class": f"{task}MatthewsCorrCoef", "options": {key: classes}}, lambda rng: inputs_of(rng, classes, kind, target=target), f"{kind} {target}")
    for options in ({}, {"ignore_index": -1}, {"multidim_average": "samplewise"}):
        extra = (3,)
        into.add({"class": f"{task}ExactMatch", "options": {key: classes, **options}}, lambda rng: inputs_of(rng, classes, "labels", options.get("ignore_index"), extra=extra))
    if task == "Multilabel":
        into.add({"class": "MultilabelExactMatch", "options": {key: 2}}, lambda rng: inputs.multilabel(rng, 2, "scores"), "two labels")


def multiclass_extras(into):
    for weights in (None, "linear", "quadratic"):
        for ignore_index in (None, 2):
            options = {"num_classes": 4, **({"weights": weights} if weights else {}), **({"ignore_index": ignore_index} if ignore_index else {})}
            into.add({"class": "MulticlassCohenKappa", "options": options}, lambda rng: inputs.multiclass(rng, 4, "labels", ignore_index))
    into.add({"class": "MulticlassCohenKappa", "options": {"num_classes": 4}}, lambda rng: inputs.multiclass(rng, 4, "scores", target="one-class"), "one class")
    into.add({"class": "MulticlassMatthewsCorrCoef", "options": {"num_classes": 4, "ignore_index": 2}}, lambda rng: inputs.multiclass(rng, 4, "labels", 2))
    for task, key, size, maker in (("multiclass", "num_classes", 4, inputs.multiclass), ("multilabel", "num_labels", 3, inputs.multilabel)):
        for name in ("Accuracy", "Precision", "Recall", "F1Score", "Specificity", "HammingDistance", "JaccardIndex"):
            into.add({"class": name, "options": {"task": task, key: size}}, lambda rng: maker(rng, size, "ties"), with_sklearn=False)


THRESHOLDS = [{"thresholds": None}, {"thresholds": 5}, {"thresholds": 9}, {"thresholds": [0.0, 0.125, 0.5, 0.75]}]


def curve_cases(into):
    for name in ("ROC", "PrecisionRecallCurve", "AUROC", "AveragePrecision"):
        for thresholds in THRESHOLDS:
            for kind in ("scores", "ties", "logits"):
                into.add({"class": f"Binary{name}", "options": thresholds}, lambda rng: inputs.binary(rng, kind), kind)
                for task, key, size, maker in (("Multiclass", "num_classes", 3, inputs.multiclass), ("Multilabel", "num_labels", 3, inputs.multilabel)):
                    if name in ("AUROC", "AveragePrecision"):
                        averages = ["macro", "weighted", "none"] + (["micro"] if task == "Multilabel" else [])
                        for average in averages:
                            if kind != "logits" or average == "macro":
                                into.add({"class": f"{task}{name}", "options": {key: size, "average": average, **thresholds}}, lambda rng: maker(rng, size, kind), kind)
                    elif kind != "logits":
                        into.add({"class": f"{task}{name}", "options": {key: size, **thresholds}}, lambda rng: maker(rng, size, kind), kind)
            into.add({"class": f"Binary{name}", "options": {**thresholds, "ignore_index": -1}}, lambda rng: inputs.binary(rng, "ties", -1))
            into.add({"class": f"Binary{name}", "options": thresholds}, lambda rng: inputs.binary(rng, "scores", target="one-class"), "one class")
            into.add({"class": f"Binary{name}", "options": thresholds}, lambda rng: inputs.binary(rng, "edges"), "scores of 0 and 1")
            into.add({"class": f"Multiclass{name}", "options": {"num_classes": 3, **thresholds, "ignore_index": 1}}, lambda rng: inputs.multiclass(rng, 3, "scores", 1))
            into.add({"class": f"Multiclass{name}", "options": {"num_classes": 4, **thresholds}}, lambda rng: inputs.multiclass(rng, 4, "scores", target="absent"), "an absent class")
            into.add({"class": f"Multilabel{name}", "options": {"num_labels": 3, **thresholds, "ignore_index": -1}}, lambda rng: inputs.multilabel(rng, 3, "ties", -1))
            into.add({"class": f"Multilabel{name}", "options": {"num_labels": 3, **thresholds}}, lambda rng: inputs.multilabel(rng, 3, "scores", target="one-class"), "an absent label")
    for name in ("ROC", "PrecisionRecallCurve"):
        for average in ("micro", "macro"):
            # torchmetrics fails on the micro average with thresholds.
            for thresholds in THRESHOLDS[:2] if average == "macro" else THRESHOLDS[:1]:
                into.add({"class": f"Multiclass{name}", "options": {"num_classes": 3, "average": average, **thresholds}}, lambda rng: inputs.multiclass(rng, 3, "scores"))
    for max_fpr in (0.25, 0.5, 0.9):
        for thresholds in THRESHOLDS[:2]:
            into.add({"class": "BinaryAUROC", "options": {"max_fpr": max_fpr, **thresholds}}, lambda rng: inputs.binary(rng, "ties"))


def score_cases(into):
    for norm in ("l1", "l2", "max"):
        for bins, kind in ((4, "ties"), (10, "scores"), (15, "scores"), (8, "edges")):
            into.add({"class": "BinaryCalibrationError", "options": {"norm": norm, "n_bins": bins}}, lambda rng: inputs.binary(rng, kind), kind)
        into.add({"class": "BinaryCalibrationError", "options": {"norm": norm, "n_bins": 8, "ignore_index": -1}}, lambda rng: inputs.binary(rng, "logits", -1), "logits")
        for bins, kind in ((8, "ties"), (15, "logits"), (15, "scores")):
            into.add({"class": "MulticlassCalibrationError", "options": {"num_classes": 3, "norm": norm, "n_bins": bins}}, lambda rng: inputs.multiclass(rng, 3, kind), kind)
        into.add({"class": "MulticlassCalibrationError", "options": {"num_classes": 3, "norm": norm, "ignore_index": 1}}, lambda rng: inputs.multiclass(rng, 3, "scores", 1))
    for squared in (False, True):
        for kind in ("scores", "logits", "ties"):
            into.add({"class": "BinaryHingeLoss", "options": {"squared": squared}}, lambda rng: inputs.binary(rng, kind), kind)
        into.add({"class": "BinaryHingeLoss", "options": {"squared": squared, "ignore_index": -1}}, lambda rng: inputs.binary(rng, "scores", -1))
        for mode in ("crammer-singer", "one-vs-all"):
            for kind in ("scores", "logits", "ties"):
                into.add({"class": "MulticlassHingeLoss", "options": {"num_classes": 3, "squared": squared, "multiclass_mode": mode}}, lambda rng: inputs.multiclass(rng, 3, kind), kind)
            into.add({"class": "MulticlassHingeLoss", "options": {"num_classes": 3, "squared": squared, "multiclass_mode": mode, "ignore_index": 1}}, lambda rng: inputs.multiclass(rng, 3, "scores", 1))

    def sequences(ignored):
        def make(rng):
            batches = []
            for count in (2, 3, 2):
                target = rng.integers(0, 5, (count, 3))
                batches.append([np.round(rng.normal(0, 2, (count, 3, 5)), 2), inputs.ignoring(rng, target, -100) if ignored else target])
            return batches
        return make

    into.add({"class": "Perplexity", "options": {}}, sequences(False))
    into.add({"class": "Perplexity", "options": {"ignore_index": -100}}, sequences(True))


def regression_cases(into):
    plain_ones = {
        "MeanSquaredError": [{}, {"squared": False}],
        "MeanAbsoluteError": [{}],
        "MeanAbsolutePercentageError": [{}],
        "SymmetricMeanAbsolutePercentageError": [{}],
        "WeightedMeanAbsolutePercentageError": [{}],
        "LogCoshError": [{}],
        "NormalizedRootMeanSquaredError": [{"normalization": kind} for kind in ("mean", "range", "std", "l2")],
    }
    for name, choices in plain_ones.items():
        for options in choices:
            for kind in ("any", "zeros", "exact", "offset"):
                into.add({"class": name, "options": options}, lambda rng: inputs.pairs(rng, kind=kind), kind)
    into.add({"class": "MeanSquaredLogError", "options": {}}, lambda rng: inputs.pairs(rng, kind="positive"))
    into.add({"class": "MeanSquaredLogError", "options": {}}, lambda rng: inputs.pairs(rng, kind="ties"), "ties")
    for name in ("MeanSquaredError", "MeanAbsoluteError", "LogCoshError"):
        into.add({"class": name, "options": {"num_outputs": 2}}, lambda rng: inputs.pairs(rng, 2), "two outputs")
    into.add({"class": "MeanSquaredError", "options": {"num_outputs": 2, "squared": False}}, lambda rng: inputs.pairs(rng, 2), "two outputs")
    for name in ("R2Score", "ExplainedVariance"):
        for kind in ("any", "constant", "exact", "zeros"):
            into.add({"class": name, "options": {}}, lambda rng: inputs.pairs(rng, kind=kind), kind)
        into.add({"class": name, "options": {}}, lambda rng: [[np.full(4, 1.5), np.full(4, 1.5)]] * 3, "constant and exact")
        for multioutput in ("uniform_average", "raw_values", "variance_weighted"):
            into.add({"class": name, "options": {"multioutput": multioutput}}, lambda rng: inputs.pairs(rng, 3), "three outputs")
            into.add(
                {"class": name, "options": {"multioutput": multioutput}},
                lambda rng: [[np.column_stack([first[0], second[0]]), np.column_stack([first[1], second[1]])] for first, second in zip(inputs.pairs(np.random.default_rng(1)), inputs.pairs(np.random.default_rng(1), kind="constant"))],
                "an output that is constant",
            )
    for adjusted in (1, 2):
        into.add({"class": "R2Score", "options": {"adjusted": adjusted}}, lambda rng: inputs.pairs(rng))
    into.add({"class": "R2Score", "options": {"adjusted": 3}}, lambda rng: inputs.pairs(rng, low=4), "as many as samples in a batch")
    for name in ("PearsonCorrCoef", "SpearmanCorrCoef", "ConcordanceCorrCoef"):
        for kind in ("any", "ties", "offset", "positive"):
            into.add({"class": name, "options": {}}, lambda rng: inputs.pairs(rng, kind=kind), kind)
        into.add({"class": name, "options": {"num_outputs": 2}}, lambda rng: inputs.pairs(rng, 2, "ties"), "two outputs")
        into.add({"class": name, "options": {}}, lambda rng: inputs.pairs(rng, kind="exact"), "exact")
    into.add({"class": "PearsonCorrCoef", "options": {}}, lambda rng: inputs.pairs(rng, kind="constant"), "constant")
    into.add({"class": "CosineSimilarity", "options": {}}, lambda rng: inputs.pairs(rng, 3))
    into.add({"class": "KLDivergence", "options": {}}, lambda rng: inputs.distributions(rng, 4))
    for reduction in ("sum", "mean", "none"):
        into.add({"class": "CosineSimilarity", "options": {"reduction": reduction}}, lambda rng: inputs.pairs(rng, 3))
    for reduction in ("mean", "sum", "none"):
        into.add({"class": "KLDivergence", "options": {"reduction": reduction}}, lambda rng: inputs.distributions(rng, 4))
    into.add({"class": "KLDivergence", "options": {"log_prob": True}}, lambda rng: inputs.distributions(rng, 4, True))


def aggregator_cases(into):
    for name in ("MeanMetric", "SumMetric", "MaxMetric", "MinMetric", "CatMetric"):
        into.add({"class": name, "options": {}}, lambda rng: inputs.values(rng, "scalars"), "numbers")
        into.add({"class": name, "options": {}}, lambda rng: inputs.values(rng), "vectors")
        into.add({"class": name, "options": {}}, lambda rng: inputs.values(rng, "nan"), "with NaN")
        for strategy in ("warn", "ignore", "disable", "error", 0.5, -2.0):
            into.add({"class": name, "options": {"nan_strategy": strategy}}, lambda rng: inputs.values(rng, "nan"), "with NaN")
    for kind in ("scalars", "vectors"):
        into.add({"class": "MeanMetric", "options": {}}, lambda rng: inputs.values(rng, kind, True), f"weighted {kind}")
    # With "disable" torchmetrics takes every weight for 1.
    for strategy in ("warn", "ignore", 0.5):
        into.add({"class": "MeanMetric", "options": {"nan_strategy": strategy}}, lambda rng: inputs.values(rng, "nan", True), "weighted, with NaN")
    for name in ("RunningMean", "RunningSum"):
        for window in (1, 2, 3, 9):
            into.add({"class": name, "options": {"window": window}}, lambda rng: inputs.values(rng, "scalars"))
        into.add({"class": name, "options": {"window": 2}}, lambda rng: inputs.values(rng), "vectors")


def wrapper_cases(into):
    accuracy = {"class": "MulticlassAccuracy", "options": {"num_classes": 3, "average": "none"}}
    into.add({"class": "ClasswiseWrapper", "metric": accuracy}, lambda rng: inputs.multiclass(rng, 3))
    into.add({"class": "ClasswiseWrapper", "metric": accuracy, "options": {"labels": ["cat", "dog", "owl"]}}, lambda rng: inputs.multiclass(rng, 3))
    into.add({"class": "ClasswiseWrapper", "metric": accuracy, "options": {"prefix": "acc-"}}, lambda rng: inputs.multiclass(rng, 3))
    into.add({"class": "ClasswiseWrapper", "metric": accuracy, "options": {"labels": ["cat", "dog", "owl"], "postfix": "-acc"}}, lambda rng: inputs.multiclass(rng, 3))
    for inner in ({"class": "BinaryAccuracy", "options": {}}, {"class": "BinaryF1Score", "options": {}}):
        into.add({"class": "MinMaxMetric", "metric": inner}, lambda rng: inputs.binary(rng))
        into.add({"class": "Running", "metric": inner, "options": {"window": 2}}, lambda rng: inputs.binary(rng))
    into.add({"class": "Running", "metric": {"class": "MeanSquaredError", "options": {}}, "options": {"window": 2}}, lambda rng: inputs.pairs(rng))


def collection_cases(into):
    def member(name, **options):
        return {"class": name, "options": options}

    counted = [member(f"Multiclass{name}", num_classes=3) for name in ("Accuracy", "Precision", "Recall", "F1Score")]
    into.add({"metrics": counted}, lambda rng: inputs.multiclass(rng, 3))
    into.add({"metrics": counted, "options": {"prefix": "val_"}}, lambda rng: inputs.multiclass(rng, 3, "labels"))
    into.add({"metrics": counted, "options": {"prefix": "val/", "postfix": "_end"}}, lambda rng: inputs.multiclass(rng, 3, "logits"))
    named = {"recall": member("BinaryRecall"), "acc": member("BinaryAccuracy"), "auroc": member("BinaryAUROC", thresholds=5)}
    into.add({"metrics": named}, lambda rng: inputs.binary(rng, "ties"))
    into.add({"metrics": named, "options": {"postfix": "/epoch"}}, lambda rng: inputs.binary(rng, "ties"))
    into.add({"metrics": {"mse": member("MeanSquaredError"), "mae": member("MeanAbsoluteError"), "r2": member("R2Score")}}, lambda rng: inputs.pairs(rng))
    different = [member("MulticlassAccuracy", num_classes=3, average="micro"), member("MulticlassConfusionMatrix", num_classes=3), member("MulticlassCohenKappa", num_classes=3)]
    into.add({"metrics": different}, lambda rng: inputs.multiclass(rng, 3, "labels"))


def loss_cases(into):
    """Metrics of this library that torchmetrics lacks, as scikit-learn has them."""
    for name, batches_of, peer, options in sklearn_values.ALONE:
        label_ = label({"class": name, "options": options})
        rng = np.random.default_rng(SEED + zlib.crc32(label_.encode()))
        batches = batches_of(rng)
        whole = [np.concatenate([np.asarray(batch[part]) for batch in batches]) for part in range(2)]
        case = {"name": unique(label_, {entry["name"] for entry in into.cases}), "class": name, "options": options, "batches": plain([[np.asarray(part) for part in batch] for batch in batches])}
        case["forward"] = [rounded(peer(*batch)) for batch in batches]
        case["compute"] = case["sklearn"] = rounded(peer(*whole))
        into.cases.append(case)


def main():
    for name, groups in {
        "metrics-binary": [binary_cases],
        "metrics-multiclass": [lambda into: averaged_cases(into, "Multiclass", 4, "num_classes", inputs.multiclass), multiclass_extras],
        "metrics-multilabel": [lambda into: averaged_cases(into, "Multilabel", 3, "num_labels", inputs.multilabel)],
        "metrics-curves": [curve_cases],
        "metrics-scores": [score_cases, loss_cases],
        "metrics-regression": [regression_cases],
        "metrics-aggregation": [aggregator_cases, wrapper_cases, collection_cases],
    }.items():
        into = Collector()
        for group in groups:
            group(into)
        left_out = {"scikitLearnMeansAnotherThing": into.left_out} if into.left_out else {}
        write_fixture(f"{name}.json", {**HEADER, **left_out, "versions": versions()}, into.cases)


if __name__ == "__main__":
    main()
