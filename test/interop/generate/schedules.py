"""Makes random schedules of log calls, runs them through PyTorch Lightning, and keeps what it wrote.

    python test/interop/generate/schedules.py

Needs torch, pytorch-lightning and torchmetrics. Writes test/fixtures/differential/schedules-*.json. A schedule says which hook logs which
name with which options, and the values that each call was given, in order. All values are multiples of 1/64 below 1024: sums of
them are exact in float64, which Lightning is told to use, so the replay may compare the text of CSV files.
"""

import random
import warnings

import pytorch_lightning as pl
import torch
import torchmetrics

from common import write_fixture
from lightning_run import run_schedule

SEED = 20260802

STEP_HOOKS = ["training_step", "on_train_batch_start", "on_train_batch_end"]
OPTIMIZER_HOOKS = ["on_before_backward", "on_after_backward", "on_before_optimizer_step", "on_before_zero_grad"]
OVERRIDDEN_HOOKS = ["backward", "optimizer_step", "optimizer_zero_grad", "configure_gradient_clipping"]
EPOCH_HOOKS = ["on_train_start", "on_train_epoch_start", "on_train_epoch_end"]
VALIDATION_STEP_HOOKS = ["validation_step", "on_validation_batch_start", "on_validation_batch_end"]
VALIDATION_EPOCH_HOOKS = ["on_validation_start", "on_validation_epoch_start", "on_validation_epoch_end"]
TEST_STEP_HOOKS = ["test_step", "on_test_batch_start", "on_test_batch_end"]
TEST_EPOCH_HOOKS = ["on_test_start", "on_test_epoch_start", "on_test_epoch_end"]
SILENT_HOOKS = ["on_fit_start", "on_fit_end", "on_train_end", "on_validation_end", "on_sanity_check_start", "on_sanity_check_end"]
MODULE_ONLY = {"training_step", "validation_step", "test_step", *OVERRIDDEN_HOOKS}
REDUCTIONS = ["mean", "sum", "min", "max", "avg", "MEAN", "Sum"]
METRICS = ["MeanMetric", "SumMetric", "MaxMetric", "MinMetric"]


def number(rng):
    return rng.randrange(0, 64 * 8) / 64


def allowed(hook):
    """Pairs of on_step and on_epoch that a hook takes and that record something."""
    if hook in STEP_HOOKS + OPTIMIZER_HOOKS + OVERRIDDEN_HOOKS:
        return [(None, None), (True, None), (True, True), (None, True), (False, True), (True, False), (True, True)]
    if hook in VALIDATION_STEP_HOOKS + TEST_STEP_HOOKS:
        return [(None, None), (None, None), (True, None), (True, True), (False, True), (True, False), (None, True)]
    return [(None, None), (False, True), (None, True), (False, None)]


def random_options(rng, hook, loaders):
    options = {}
    on_step, on_epoch = rng.choice(allowed(hook))
    if on_step is not None:
        options["on_step"] = on_step
    if on_epoch is not None:
        options["on_epoch"] = on_epoch
    if rng.random() < 0.35:
        options["reduce_fx"] = rng.choice(REDUCTIONS)
    if rng.random() < 0.3:
        options["prog_bar"] = True
    if rng.random() < 0.15:
        options["logger"] = rng.choice([True, False])
    if rng.random() < 0.1:
        options["add_dataloader_idx"] = loaders > 1
    if rng.random() < 0.05:
        options["enable_graph"] = True
    return options


def random_entry(rng, hook, name, loaders, owner):
    entry = {"hook": hook, "name": name, "values": [number(rng) for _ in range(160)], "options": random_options(rng, hook, loaders)}
    if owner != "module":
        entry["owner"] = owner
    is_batch = "batch" in hook or hook.endswith("_step")
    if is_batch and rng.random() < 0.15:
        entry["every"] = rng.choice([2, 3])
    if is_batch and rng.random() < 0.08:
        entry["times"] = 2
    if rng.random() < 0.2:
        entry["batchSizes"] = [rng.randrange(1, 9) for _ in range(160)]
    if rng.random() < 0.12 and "name" in entry:
        entry["names"] = [entry.pop("name"), f"{name}/b"]
    return entry


def random_trainer(rng, loops):
    batches = len(loops["train"])
    trainer = {"max_epochs": rng.choice([1, 2, 2, 3]), "log_every_n_steps": rng.choice([0, 1, 1, 1, 2, 2, 3, 4, 5, 50]), "num_sanity_val_steps": 0}
    if rng.random() < 0.3:
        trainer["accumulate_grad_batches"] = rng.choice([2, 3, 4])
    if loops.get("validation"):
        if rng.random() < 0.15:
            trainer["num_sanity_val_steps"] = 2
        if rng.random() < 0.2:
            trainer["check_val_every_n_epoch"] = 2
        if rng.random() < 0.3:
            trainer["val_check_interval"] = rng.choice([0.5, 0.25, 0.34, min(2, batches), min(3, batches)]) if loops["isSized"] else min(2, batches)
        if rng.random() < 0.15:
            trainer["limit_val_batches"] = rng.choice([1, 2, 0.5])
            if trainer["limit_val_batches"] == 0.5 and min(len(sizes) for sizes in loops["validation"]) < 2:
                trainer["limit_val_batches"] = 1
    if rng.random() < 0.15:
        limits = [1, 3, 0.5] if batches > 3 and loops["isSized"] else [2]
        trainer["limit_train_batches"] = rng.choice(limits)
    interval = trainer.get("val_check_interval")
    limit = trainer.get("limit_train_batches", batches)
    most = min(batches, limit) if isinstance(limit, int) else int(batches * limit)
    if isinstance(interval, int) and interval > most:
        trainer["val_check_interval"] = most
    if trainer.get("val_check_interval") == 1:
        del trainer["val_check_interval"]  # JavaScript knows no difference between 1, every batch, and 1.0, the end of the epoch
    return trainer


def random_sizes(rng, low=1, high=8):
    full = rng.randrange(2, 7)
    count = rng.randrange(low, high + 1)
    return [full] * (count - 1) + [rng.randrange(1, full + 1)]


def random_loops(rng, theme):
    loops = {"train": random_sizes(rng, 2, 9), "isSized": rng.random() < 0.85}
    loaders = {"loaders": rng.choice([2, 2, 3]), "plain": rng.choice([0, 0, 1])}.get(theme, rng.choice([0, 1, 1, 1, 2]))
    if loaders:
        loops["validation"] = [random_sizes(rng, 1, 4) for _ in range(loaders)]
    if rng.random() < 0.4:
        loops["batch"] = rng.choice(["record", "list", "ragged", "nested"])
    return loops


def random_schedule(rng, index, theme):
    loops = random_loops(rng, theme)
    loaders = len(loops.get("validation", []))
    hooks = [*STEP_HOOKS, "training_step", "training_step", *EPOCH_HOOKS]
    if theme == "optimizer":
        hooks += OPTIMIZER_HOOKS * 3
    if loaders:
        hooks += VALIDATION_STEP_HOOKS + ["validation_step"] * 3 + VALIDATION_EPOCH_HOOKS
    logs = []
    for place in range(rng.randrange(2, 7)):
        hook = rng.choice(hooks)
        owner = "module" if hook in MODULE_ONLY or hook in ("on_before_zero_grad",) else rng.choice(["module", "module", "first", "second"])
        name = rng.choice(["loss", "acc", "f1", "lr", "train/x", "a b", "val/y"]) + (str(place) if rng.random() < 0.9 else "")
        entry = random_entry(rng, hook, name, loaders, owner)
        if loaders > 1 and entry["options"].get("add_dataloader_idx") is True:
            del entry["options"]["add_dataloader_idx"]
        logs.append(entry)
    if loaders > 1 and rng.random() < 0.4:
        # Without the loader's number each loader needs a name of its own.
        logs.append({"hook": "validation_step", "name": "only", "loader": 1, "values": [number(rng) for _ in range(160)], "options": {"add_dataloader_idx": False, **rng.choice([{}, {"on_step": True}, {"on_step": True, "on_epoch": False}])}})
    schedule = {"name": f"{theme} {index}", "trainer": random_trainer(rng, loops), "loops": loops, "calls": ["fit"], "logs": logs}
    themes.get(theme, lambda *_: None)(rng, schedule)
    drop_twins(schedule)
    return schedule


def drop_twins(schedule):
    """Two entries of one hook with one name would have to have the same options."""
    seen = set()
    kept = []
    for entry in schedule["logs"]:
        names = {(entry["hook"], name) for name in entry.get("names", [entry.get("name")])}
        if names & seen:
            continue
        seen |= names
        kept.append(entry)
    schedule["logs"] = kept


def with_metrics(rng, schedule):
    for number_, hook in enumerate(["training_step", *(["validation_step"] if schedule["loops"].get("validation") else []), rng.choice(["on_train_batch_end", "training_step"])]):
        options = random_options(rng, hook, 1)
        options.pop("reduce_fx", None)
        options.pop("add_dataloader_idx", None)
        if rng.random() < 0.5 and hook != "validation_step":
            options["on_epoch"] = True
        metric = {"id": number_, "class": rng.choice(METRICS), "call": rng.choice(["forward", "forward", "update"])}
        trainer = schedule["trainer"]
        if trainer["log_every_n_steps"] != 1 or "accumulate_grad_batches" in trainer:
            options["prog_bar"] = True  # else we do not read back the value of a batch that is not logged
        if len(schedule["loops"].get("validation", [])) > 1 and hook == "validation_step":
            continue  # one object for several loaders mixes their data
        schedule["logs"].append({"hook": hook, "name": f"metric{number_}", "metric": metric, "values": [number(rng) for _ in range(160)], "options": options})


def with_keys(rng, schedule):
    """Values under the names that mean something to Lightning."""
    hook = rng.choice(["training_step", "on_train_epoch_end", "training_step", "on_train_epoch_start"] + (["on_validation_epoch_end", "validation_step"] if schedule["loops"].get("validation") else []))
    key = rng.choice(["step", "step", "epoch"])
    options = {"on_step": False, "on_epoch": True} if rng.random() < 0.5 else {}
    if "validation" not in hook and "epoch" in hook:
        options.pop("on_step", None)
    schedule["logs"].append({"hook": hook, "name": key, "values": [rng.randrange(0, 40) for _ in range(160)], "options": options})
    # Where only the step was logged, Lightning writes a row without a value, and we write none.
    schedule["logs"].append({"hook": hook, "name": "beside", "values": [number(rng) for _ in range(160)], "options": dict(options)})


def with_not_finite(rng, schedule):
    for entry in schedule["logs"]:
        for place in range(len(entry["values"])):
            if rng.random() < 0.12:
                entry["values"][place] = rng.choice(["NaN", "NaN", "Infinity", "-Infinity"])


def with_stop(rng, schedule):
    """Asked to stop, Lightning still goes through a validation; we end the one that goes on and begin none. So those that are asked
    within an epoch have none, and count each batch as a step."""
    hook = rng.choice(["training_step", "on_train_batch_end", "on_train_epoch_end", "on_train_batch_start"])
    schedule["stop"] = {"hook": hook, "call": rng.randrange(0, 2 if hook == "on_train_epoch_end" else 6)}
    schedule["trainer"]["num_sanity_val_steps"] = 0
    if hook != "on_train_epoch_end":
        schedule["trainer"].pop("accumulate_grad_batches", None)
        schedule["loops"].pop("validation", None)
        schedule["logs"] = [entry for entry in schedule["logs"] if "validation" not in entry["hook"]]


def with_calls(rng, schedule):
    loops = schedule["loops"]
    loops["test"] = [random_sizes(rng, 1, 3) for _ in range(rng.choice([1, 1, 2]))]
    loops.setdefault("validation", [random_sizes(rng, 1, 3)])
    schedule["trainer"].pop("limit_val_batches", None)
    schedule["calls"] = rng.choice([["validate"], ["test"], ["fit", "test"], ["fit", "validate"], ["fit", "validate", "test"], ["validate", "fit"], ["validate", "validate"]])
    for place, hook in enumerate(rng.sample(TEST_STEP_HOOKS + TEST_EPOCH_HOOKS, 3) + rng.sample(VALIDATION_STEP_HOOKS + VALIDATION_EPOCH_HOOKS, 2)):
        owner = "module" if hook in MODULE_ONLY else rng.choice(["module", "first"])
        schedule["logs"].append(random_entry(rng, hook, f"t{place}", 1, owner))
        schedule["logs"][-1]["options"].pop("add_dataloader_idx", None)


themes = {"metrics": with_metrics, "keys": with_keys, "not finite": with_not_finite, "stop": with_stop, "calls": with_calls}


def table_entries():
    """Every hook with every pair of on_step and on_epoch: refused, or what it becomes."""
    hooks = STEP_HOOKS + OPTIMIZER_HOOKS + OVERRIDDEN_HOOKS + EPOCH_HOOKS + VALIDATION_STEP_HOOKS + VALIDATION_EPOCH_HOOKS + TEST_STEP_HOOKS + TEST_EPOCH_HOOKS
    for hook in hooks:
        for owner in ["module"] if hook in MODULE_ONLY else ["module", "first"]:
            for on_step in (None, True, False):
                for on_epoch in (None, True, False):
                    options = {key: value for key, value in (("on_step", on_step), ("on_epoch", on_epoch)) if value is not None}
                    yield small(f"{owner} {hook} {options}", hook, "x", options, owner)
    for hook in SILENT_HOOKS:
        # Modules have no hooks of sanity checks.
        for owner in ("first",) if "sanity" in hook else ("module", "first"):
            yield small(f"{owner} {hook}", hook, "x", {}, owner, sanity=2 if "sanity" in hook else 0)


def small(name, hook, key, options, owner="module", sanity=0, values=None, **more):
    is_test = "test" in hook
    loops = {"train": [2, 1], "isSized": True, "validation": [[2, 1]], **({"test": [[2, 1]]} if is_test else {})}
    entry = {"hook": hook, "name": key, "values": values or [1.0, 2.0, 4.0, 8.0] * 8, "options": options, **({} if owner == "module" else {"owner": owner}), **more}
    return {"name": name, "trainer": {"max_epochs": 1, "log_every_n_steps": 1, "num_sanity_val_steps": sanity}, "loops": loops, "calls": ["test"] if is_test else ["fit"], "logs": [entry], "mayFail": True}


def refusals():
    """Calls Lightning refuses for another reason than the hook's table, beside one it takes."""
    yield small("a name with a loader's number", "validation_step", "x/dataloader_idx_0", {})
    yield small("a name with a loader's number, and none added", "validation_step", "x/dataloader_idx_0", {"add_dataloader_idx": False})
    for reduction in ("median", "std", "", "none"):
        yield small(f"reduce_fx {reduction}", "training_step", "x", {"on_epoch": True, "reduce_fx": reduction})
    yield small("reduce_fx that is unknown, of a step", "training_step", "x", {"reduce_fx": "median"})
    first = {"hook": "training_step", "name": "x", "values": [1.0, 2.0] * 8, "options": {"on_epoch": True}}
    for change in ({"prog_bar": True}, {"logger": False}, {"reduce_fx": "sum"}, {"on_epoch": False}, {"on_step": False}, {"add_dataloader_idx": False}, {"reduce_fx": "avg"}, {}):
        schedule = small(f"logged twice with {change}", "training_step", "x", {})
        schedule["logs"] = [first | {"values": [1.0, 2.0] * 8}, {**first, "values": [4.0, 8.0] * 8, "options": {**first["options"], **change}}]
        yield schedule
    schedule = small("logged twice with another batch size", "training_step", "x", {})
    schedule["logs"] = [first | {"values": [1.0, 2.0] * 8, "batchSizes": [3] * 16}, first | {"values": [4.0, 8.0] * 8, "batchSizes": [5] * 16}]
    yield schedule
    schedule = small("the same name from two hooks", "training_step", "x", {"on_epoch": True})
    schedule["logs"].append({"hook": "on_train_batch_end", "name": "x", "values": [16.0, 32.0] * 8, "options": {"on_epoch": True}})
    yield schedule
    schedule = small("the same name from module and callback", "on_train_batch_end", "x", {"on_epoch": True})
    schedule["logs"].append({"hook": "on_train_batch_end", "owner": "first", "name": "x", "values": [16.0, 32.0] * 8, "options": {"on_epoch": True}})
    yield schedule
    yield small("a value named 'step' of validation batches", "validation_step", "step", {"on_step": True, "on_epoch": False}, values=[7.0, 9.0] * 8)
    schedule = small("a value named 'step' of a validation", "validation_step", "step", {}, values=[7.0, 9.0] * 8)
    schedule["logs"].append({"hook": "validation_step", "name": "beside", "values": [1.0] * 8, "options": {}})
    yield schedule
    schedule = small("NaN in every reduction", "training_step", "mean", {"on_epoch": True})
    for reduction in ("mean", "sum", "min", "max"):
        for place, values in (("first", ["NaN", 1.0]), ("last", [1.0, "NaN"]), ("infinite", ["Infinity", "-Infinity"])):
            schedule["logs"].append({"hook": "training_step", "name": f"{reduction} {place}", "values": values * 8, "options": {"on_epoch": True, "reduce_fx": reduction}})
    yield schedule
    schedule = small("weights of nothing", "training_step", "x", {"on_epoch": True}, batchSizes=[0] * 16)
    yield schedule


def golden():
    """The two timelines worked out by hand."""
    schedule = {
        "name": "golden timeline", "trainer": {"max_epochs": 2, "log_every_n_steps": 2, "num_sanity_val_steps": 0},
        "loops": {"train": [4, 4, 4, 2], "isSized": True, "validation": [[4, 2]]}, "calls": ["fit"],
        "logs": [
            {"hook": "training_step", "name": "train_loss", "values": [1.0, 0.8, 0.6, 0.4] * 2, "options": {"on_step": True, "on_epoch": True}},
            {"hook": "validation_step", "name": "val_loss", "values": [0.9, 0.5] * 2, "options": {}},
        ],
    }
    yield schedule
    for every, batches, epochs, accumulated in ((50, 10, 11, 1), (0, 4, 2, 1), (1, 3, 2, 1), (2, 16, 1, 4)):
        yield {
            "name": f"golden gate {every}, {batches} batches, accumulated {accumulated}",
            "trainer": {"max_epochs": epochs, "log_every_n_steps": every, "num_sanity_val_steps": 0, "accumulate_grad_batches": accumulated},
            "loops": {"train": [2] * batches, "isSized": True}, "calls": ["fit"],
            "logs": [{"hook": "training_step", "name": "x", "values": [step / 64 for step in range(160)], "options": {"on_step": True, "on_epoch": True}}],
        }
    yield {
        "name": "golden gate by default", "trainer": {"max_epochs": 2, "num_sanity_val_steps": 0}, "loops": {"train": [2] * 51, "isSized": True}, "calls": ["fit"],
        "logs": [{"hook": "training_step", "name": "x", "values": [step / 64 for step in range(160)], "options": {}}],
    }


def main():
    versions = {"pytorch-lightning": pl.__version__, "torchmetrics": torchmetrics.__version__, "torch": torch.__version__}
    header = {"program": "PyTorch Lightning (Apache-2.0), values only", "generator": "test/interop/generate/schedules.py", "seed": SEED, "values": "multiples of 1/64; float64 in Lightning"}
    warnings.simplefilter("ignore")
    parts = {"schedules-golden": list(golden()), "schedules-table": list(table_entries()) + list(refusals())}
    for theme, count in {"plain": 40, "validation": 60, "loaders": 50, "optimizer": 30, "metrics": 50, "keys": 40, "not finite": 25, "stop": 40, "calls": 50}.items():
        rng = random.Random(f"{SEED} {theme}")
        parts.setdefault("schedules-" + ("fit" if theme in ("plain", "validation", "loaders", "optimizer") else "more"), []).extend(random_schedule(rng, index, theme) for index in range(count))
    for name, schedules in parts.items():
        cases = []
        for schedule in schedules:
            try:
                wrote = run_schedule(schedule)
            except Exception:
                print("in", schedule["name"], schedule)
                raise
            cases.append({**schedule, "wrote": wrote})
        write_fixture(f"{name}.json", {**header, "versions": dict(versions)}, cases)


if __name__ == "__main__":
    main()
