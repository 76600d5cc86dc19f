"""Runs one schedule through PyTorch Lightning's own Trainer and keeps everything it wrote."""

import logging
import tempfile
import warnings
from pathlib import Path

import pytorch_lightning as pl
import torch
import torchmetrics
from pytorch_lightning.loggers import CSVLogger
from pytorch_lightning.loggers.logger import Logger
from torch.utils.data import DataLoader, IterableDataset

from common import plain

torch.set_default_dtype(torch.float64)  # so that Lightning adds up what is logged in the numbers JavaScript has
warnings.simplefilter("ignore")
logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)

EVALUATION_BATCH_HOOKS = {f"on_{stage}_batch_{end}" for stage in ("validation", "test") for end in ("start", "end")}


class Recorder(Logger):
    """A logger that keeps each call."""

    def __init__(self):
        super().__init__()
        self.rows = []

    name = "recorder"
    version = 0

    def log_metrics(self, metrics, step=None):
        self.rows.append([step, {key: plain(value) for key, value in metrics.items()}])

    def log_hyperparams(self, params, *args, **kwargs):
        pass


class Batches(IterableDataset):
    """Batches of given sizes; without a length when it is asked to hide it."""

    def __init__(self, sizes, kind):
        self.sizes, self.kind = sizes, kind

    def __iter__(self):
        return (make_batch(size, self.kind) for size in self.sizes)


class SizedBatches(Batches):
    def __len__(self):
        return len(self.sizes)


def make_batch(size, kind):
    tensor = torch.zeros(size, 2)
    if kind == "record":
        return {"xs": tensor, "ys": torch.zeros(size)}
    if kind == "list":
        return [tensor, torch.zeros(size)]
    if kind == "ragged":
        return {"xs": tensor, "ys": torch.zeros(size + 1)}  # the first size counts
    if kind == "nested":
        return {"id": "a name", "in": {"xs": tensor}}
    return tensor


def loader(sizes, kind="tensor", is_sized=True):
    return DataLoader((SizedBatches if is_sized else Batches)(sizes, kind), batch_size=None)


class Feed:
    """Gives each log entry of the schedule its next value, and carries the entries of a hook out."""

    def __init__(self, schedule):
        self.schedule = schedule
        self.used = [0] * len(schedule["logs"])
        self.called = {}
        self.trainer = None
        self.errors = []

    def run(self, owner, hook, module, dataloader_idx=None):
        for index, entry in enumerate(self.schedule["logs"]):
            if entry["hook"] != hook or entry.get("owner", "module") != owner:
                continue
            if "loader" in entry and entry["loader"] != (dataloader_idx or 0):
                continue
            call = self.called[index] = self.called.get(index, -1) + 1
            if call % entry.get("every", 1) != 0:
                continue
            for _ in range(entry.get("times", 1)):
                self.log(index, entry, module)
        self.stop(owner, hook)

    def log(self, index, entry, module):
        used = self.used[index]
        self.used[index] += 1
        value = entry["values"][used % len(entry["values"])]
        options = dict(entry.get("options", {}))
        if "batchSizes" in entry:
            options["batch_size"] = entry["batchSizes"][used % len(entry["batchSizes"])]
        if "metric" in entry:
            metric = getattr(module, f"metric_{entry['metric']['id']}")
            number = torch.tensor(float(value))
            if entry["metric"].get("call", "forward") == "forward":
                metric(number)
            else:
                metric.update(number)
            module.log(entry["name"], metric, **options)
            return
        if "names" in entry:
            module.log_dict({name: torch.tensor(float(value) + extra) for extra, name in enumerate(entry["names"])}, **options)
            return
        module.log(entry["name"], float(value), **options)

    def stop(self, owner, hook):
        wish = self.schedule.get("stop")
        if wish is None or owner != "module" or wish["hook"] != hook:
            return
        wish["seen"] = wish.get("seen", 0) + 1
        if wish["seen"] == wish["call"] + 1:
            self.trainer.should_stop = True


def hooks_of(schedule, owner):
    hooks = {entry["hook"] for entry in schedule["logs"] if entry.get("owner", "module") == owner}
    if owner == "module" and "stop" in schedule:
        hooks.add(schedule["stop"]["hook"])
    return hooks


def build_module(schedule, feed):
    hooks = hooks_of(schedule, "module")
    loops = schedule["loops"]

    def training_step(self, batch, batch_idx):
        feed.run("module", "training_step", self)
        return self.weight.sum() * 0.0

    def evaluation_step(hook):
        def step(self, batch, batch_idx, dataloader_idx=0):
            feed.run("module", hook, self, dataloader_idx)

        return step

    members = {"training_step": training_step}
    if loops.get("validation"):
        members["validation_step"] = evaluation_step("validation_step")
    if loops.get("test"):
        members["test_step"] = evaluation_step("test_step")
    for hook in hooks - {"training_step", "validation_step", "test_step"}:
        members[hook] = module_hook(hook, feed)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.0)

    def initialize(self):
        pl.LightningModule.__init__(self)
        self.weight = torch.nn.Parameter(torch.zeros(1))
        for entry in schedule["logs"]:
            if "metric" in entry:
                setattr(self, f"metric_{entry['metric']['id']}", getattr(torchmetrics, entry["metric"]["class"])())

    return type("Module", (pl.LightningModule,), {**members, "__init__": initialize, "configure_optimizers": configure_optimizers})()


def module_hook(hook, feed):
    def run(self, *args, **kwargs):
        loader_idx = kwargs.get("dataloader_idx", args[-1] if hook in EVALUATION_BATCH_HOOKS and len(args) > (3 if hook.endswith("end") else 2) else None)
        feed.run("module", hook, self, loader_idx)
        parent = getattr(super(type(self), self), hook, None)
        if hook in ("backward", "optimizer_step", "optimizer_zero_grad", "configure_gradient_clipping") and parent is not None:
            return parent(*args, **kwargs)
        return None

    # Lightning looks at the names of parameters: one by this name says that several dataloaders are provided for.
    if hook in EVALUATION_BATCH_HOOKS:
        if hook.endswith("_end"):
            return lambda self, outputs, batch, batch_idx, dataloader_idx=0: run(self, outputs, batch, batch_idx, dataloader_idx=dataloader_idx)
        return lambda self, batch, batch_idx, dataloader_idx=0: run(self, batch, batch_idx, dataloader_idx=dataloader_idx)
    return run


def build_callback(schedule, feed, owner):
    members = {}
    for hook in hooks_of(schedule, owner):
        def run(self, trainer, module, *args, hook=hook, dataloader_idx=None, **kwargs):
            extra = len(args) > (3 if hook.endswith("end") else 2)
            loader_idx = dataloader_idx if dataloader_idx is not None else args[-1] if hook in EVALUATION_BATCH_HOOKS and extra else None
            feed.run(owner, hook, module, loader_idx)

        members[hook] = run
    return type(f"Callback{owner}", (pl.Callback,), members)()


class Probe(pl.Callback):
    """What callbacks can read, at the moments when the numbers of an epoch are whole."""

    def __init__(self):
        self.seen = []

    def look(self, trainer, when, with_bar=True):
        self.seen.append({"when": when, **metrics_of(trainer, with_bar)})

    def on_train_epoch_start(self, trainer, module):
        # Looking makes Lightning keep what it shows. Our bar looks whenever there is time, so that its looking keeps nothing.
        if trainer.current_epoch > 0:
            self.look(trainer, "onTrainEpochStart", with_bar=False)

    def on_validation_end(self, trainer, module):
        if not trainer.sanity_checking:
            self.look(trainer, "onValidationEnd")

    def on_test_end(self, trainer, module):
        self.look(trainer, "onTestEnd")

    def on_train_end(self, trainer, module):
        self.look(trainer, "onTrainEnd")


def metrics_of(trainer, with_bar=True):
    kept = {"callback": "callback_metrics", "logged": "logged_metrics", **({"progressBar": "progress_bar_metrics"} if with_bar else {})}
    return {name: {key: plain(value) for key, value in getattr(trainer, own).items()} for name, own in kept.items()}


def run_schedule(schedule):
    """Gives back what Lightning wrote, and cuts the schedule's values to those that it asked for."""
    feed = Feed(schedule)
    loops = schedule["loops"]
    kind = loops.get("batch", "tensor")
    owners = sorted({entry.get("owner", "module") for entry in schedule["logs"]} - {"module"})
    recorder, probe = Recorder(), Probe()
    with tempfile.TemporaryDirectory() as folder:
        csv = CSVLogger(folder, name="", version="run")
        trainer = feed.trainer = pl.Trainer(
            logger=[recorder, csv], callbacks=[*(build_callback(schedule, feed, owner) for owner in owners), probe],
            accelerator="cpu", devices=1, enable_progress_bar=False, enable_model_summary=False, enable_checkpointing=False,
            default_root_dir=folder, use_distributed_sampler=False, **schedule["trainer"],
        )
        module = build_module(schedule, feed)
        result = {"rows": recorder.rows, "seen": probe.seen}
        try:
            for call in schedule["calls"]:
                start_call(trainer, module, call, loops, kind)
        except Exception as error:  # noqa: BLE001 - what Lightning refuses is what is asked here
            if not schedule.get("mayFail"):
                raise
            result["error"] = type(error).__name__
        else:
            result["end"] = {**metrics_of(trainer), "stepped": trainer.fit_loop.epoch_loop._batches_that_stepped}
        file = Path(csv.log_dir) / "metrics.csv"
        # Its lines end in \r\n.
        result["csv"] = file.read_bytes().decode() if file.exists() else None
    for index, entry in enumerate(schedule["logs"]):
        del entry["values"][max(1, feed.used[index]) :]
        if "batchSizes" in entry:
            del entry["batchSizes"][max(1, feed.used[index]) :]
    schedule.get("stop", {}).pop("seen", None)
    return result


def start_call(trainer, module, call, loops, kind):
    def evaluation(sizes):
        loaders = [loader(each, kind) for each in sizes]
        return loaders[0] if len(loaders) == 1 else loaders

    if call == "fit":
        validation = evaluation(loops["validation"]) if loops.get("validation") else None
        trainer.fit(module, loader(loops["train"], kind, loops.get("isSized", True)), validation)
    elif call == "validate":
        trainer.validate(module, evaluation(loops["validation"]), verbose=False)
    else:
        trainer.test(module, evaluation(loops["test"]), verbose=False)
