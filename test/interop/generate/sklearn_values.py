"""The value of scikit-learn for a case, where it has the metric; None where it has not."""

import numpy as np
from scipy import stats
from sklearn import metrics as sk

import metric_inputs as inputs


def value(spec, batches):
    name, options = spec["class"], spec.get("options", {})
    if "ignore_index" in options or "multidim_average" in options or options.get("top_k", 1) != 1:
        return None
    if name not in REGRESSION and not name.startswith(("Binary", "Multiclass", "Multilabel")):
        return None
    preds, target = (np.concatenate([np.asarray(batch[part]) for batch in batches]) for part in range(2))
    if name in REGRESSION:
        return REGRESSION[name](preds, target, options)
    if target.ndim > (2 if name.startswith("Multilabel") else 1):
        return None
    try:
        with np.errstate(all="ignore"):
            return _classification(name, options, preds, target)
    except ValueError:
        return None  # data it does not define a value for


def _classification(name, options, preds, target):
    task = next((task for task in ("Binary", "Multiclass", "Multilabel") if name.startswith(task)), None)
    if task is None:
        return None
    metric = name.removeprefix(task)
    if metric in ("AUROC", "AveragePrecision"):
        return _area(task, metric, options, preds, target)
    labels = _labels(task, options, preds)
    zero = options.get("zero_division", 0)
    average = options.get("average", "macro")
    if metric == "ConfusionMatrix":
        if task == "Multilabel":
            return None if options.get("normalize") else sk.multilabel_confusion_matrix(target, labels)
        size = options.get("num_classes", 2)
        return sk.confusion_matrix(target, labels, labels=range(size), normalize=options.get("normalize"))
    if metric == "CohenKappa":
        return sk.cohen_kappa_score(target, labels, weights=options.get("weights"))
    if metric == "MatthewsCorrCoef" and task != "Multilabel":
        return sk.matthews_corrcoef(target, labels)
    if metric == "Accuracy" and (task == "Binary" or (task == "Multiclass" and average == "micro")):
        return sk.accuracy_score(target, labels)
    if metric == "HammingDistance" and (task == "Binary" or average == "micro"):
        return sk.hamming_loss(target, labels)
    scorers = {
        "Precision": sk.precision_score, "Recall": sk.recall_score, "F1Score": sk.f1_score, "JaccardIndex": sk.jaccard_score,
        "FBetaScore": lambda *args, **more: sk.fbeta_score(*args, beta=options["beta"], **more),
    }
    if metric not in scorers:
        return None
    return scorers[metric](target, labels, zero_division=zero, **_averaging(task, options, average, target, labels))


def _averaging(task, options, average, target, labels):
    if task == "Binary":
        return {"average": "binary"}
    kind = None if average == "none" else average
    if task == "Multilabel":
        return {"average": kind}
    # Classes that neither occur nor are predicted do not count in a macro average, and do count as entries of 'none'.
    present = sorted({*target.tolist(), *labels.tolist()}) if average == "macro" else range(options["num_classes"])
    return {"average": kind, "labels": list(present)}


def _labels(task, options, preds):
    if preds.dtype.kind != "f":
        return preds
    if task == "Multiclass":
        return preds.argmax(1)
    outside = (preds < 0).any() or (preds > 1).any()
    chances = 1 / (1 + np.exp(-preds)) if outside else preds
    return (chances > options.get("threshold", 0.5)).astype(int)


def _area(task, metric, options, preds, target):
    if options.get("thresholds") is not None:
        return None
    if task == "Multiclass" and ((preds < 0).any() or (preds > 1).any()):
        return None  # logits: the softmax changes the order within a class
    average = options.get("average", "macro")
    kind = None if average == "none" else average
    if task == "Multiclass":
        target = np.eye(options["num_classes"])[target]
        if not target.any(0).all() and metric == "AUROC":
            return None
    if task != "Binary" and metric == "AveragePrecision" and not target.any(0).all():
        return None
    if metric == "AveragePrecision":
        return sk.average_precision_score(target, preds, **({} if task == "Binary" else {"average": kind}))
    if task == "Binary":
        return sk.roc_auc_score(target, preds, max_fpr=options.get("max_fpr"))
    return sk.roc_auc_score(target, preds, average=kind)


def _regression(scorer):
    def score(preds, target, options):
        if options.get("adjusted"):
            return None
        outputs = {"multioutput": options["multioutput"]} if "multioutput" in options else {}
        if options.get("num_outputs", 1) > 1:
            outputs = {"multioutput": "raw_values"}
        return scorer(target, preds, **outputs)

    return score


def _squared(preds, target, options):
    scorer = sk.mean_squared_error if options.get("squared", True) else sk.root_mean_squared_error
    return _regression(scorer)(preds, target, options)


def _correlation(statistic):
    def score(preds, target, options):
        if preds.ndim > 1:
            return [statistic(preds[:, column], target[:, column]).statistic for column in range(preds.shape[1])]
        return statistic(preds, target).statistic

    return score


REGRESSION = {
    "MeanSquaredError": _squared,
    "MeanAbsoluteError": _regression(sk.mean_absolute_error),
    "MeanSquaredLogError": _regression(sk.mean_squared_log_error),
    "MeanAbsolutePercentageError": _regression(sk.mean_absolute_percentage_error),
    "R2Score": _regression(sk.r2_score),
    "ExplainedVariance": _regression(sk.explained_variance_score),
    "PearsonCorrCoef": _correlation(stats.pearsonr),
    "SpearmanCorrCoef": _correlation(stats.spearmanr),
}


def _binary_log_loss(preds, target):
    return sk.log_loss(target, preds, labels=[0, 1])


def _class_log_loss(preds, target):
    return sk.log_loss(target, preds, labels=range(preds.shape[1]))


def _class_brier(preds, target):
    return sk.brier_score_loss(target, preds, labels=range(preds.shape[1]), scale_by_half=False)


def _balanced(preds, target):
    return sk.balanced_accuracy_score(target, preds)


def _distributions(rng):
    batches = []
    for count in inputs.sizes(rng):
        eighths = rng.multinomial(5, [1 / 3] * 3, count) + 1
        batches.append([eighths / 8, rng.integers(0, 3, count)])
    return batches


# Metrics torchmetrics does not have: class, inputs, value, options.
ALONE = [
    ("BinaryLogLoss", lambda rng: inputs.binary(rng), _binary_log_loss, {}),
    ("BinaryLogLoss", lambda rng: inputs.binary(rng, target="one-class"), _binary_log_loss, {}),
    ("BinaryBalancedAccuracy", lambda rng: inputs.binary(rng, "labels"), _balanced, {}),
    ("BinaryBalancedAccuracy", lambda rng: inputs.binary(rng, "labels", target="one-class"), _balanced, {}),
    ("MulticlassBalancedAccuracy", lambda rng: inputs.multiclass(rng, 3, "labels"), _balanced, {"num_classes": 3}),
    ("MulticlassBalancedAccuracy", lambda rng: inputs.multiclass(rng, 4, "labels", target="absent"), _balanced, {"num_classes": 4}),
    ("MulticlassBrierScore", _distributions, _class_brier, {"num_classes": 3}),
    ("MulticlassLogLoss", _distributions, _class_log_loss, {"num_classes": 3}),
    ("BinaryBrierScore", lambda rng: inputs.binary(rng), lambda preds, target: sk.brier_score_loss(target, preds, labels=[0, 1], pos_label=1), {}),
    ("BinaryBrierScore", lambda rng: inputs.binary(rng, "edges"), lambda preds, target: sk.brier_score_loss(target, preds, labels=[0, 1], pos_label=1), {}),
]
