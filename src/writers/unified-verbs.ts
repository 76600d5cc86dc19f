import { describe, LogError } from '../core/errors.ts';
import { isTensorLike, readTensorValues } from '../core/tensor-like.ts';
import { encodeNpy, type NpyValues } from '../formats/npy.ts';
import type { Run } from '../run/run.ts';
import { describeDataset } from './dataset.ts';
import { countFlops, isModelLike, modelFiles, type ModelLike } from './model-like.ts';
import type { Provenance } from './provenance.ts';
import { systemNumbers } from './system-numbers.ts';
import type { UnifiedItems, UnifiedKind } from './unified-kinds.ts';

/** When an item was logged, and what else its kind needs to know. */
export interface UnifiedLogOptions {
  /** Default: the step of the run. */
  readonly step?: number;
  /** 0-based; items without one are always logged. */
  readonly batchIdx?: number;
  /** Hz, for `audio`. Default 44,100. */
  readonly sampleRate?: number;
  /** Steps between two looks at a watched model. Default 100. */
  readonly every?: number;
}

/** What a verb works with. */
export interface Kit {
  readonly run: Run;
  readonly call: string;
  readonly provenance: Provenance;
  readonly secondsSinceStart: () => number;
  readonly later: (work: () => Promise<void>) => void;
  readonly keepJson: (item: unknown, identifier: string, at: UnifiedLogOptions) => void;
  readonly watch: (model: ModelLike, identifier: string, every: number) => void;
  readonly lookAtWatched: (step: number) => void;
}

/** One for each kind. */
export type Verbs = {
  readonly [Kind in UnifiedKind]: (kit: Kit, item: UnifiedItems[Kind], identifier: string, at: UnifiedLogOptions) => void;
};

/** What becomes of each kind of item. Throw `bad-value` for one that is not of its kind. */
export const verbs: Verbs = {
  metric({ run, provenance, lookAtWatched }, item, identifier, at) {
    run.log(identifier, item, at.step === undefined ? {} : { step: at.step });
    provenance.metric(identifier, item, at.step ?? run.step);
    lookAtWatched(at.step ?? run.step);
  },
  param({ run, provenance }, item, identifier) {
    run.logHyperparams({ [identifier]: item });
    provenance.param(identifier, item);
  },
  text: ({ run }, item, identifier, at) => run.logText(identifier, item, at),
  dict: ({ keepJson }, item, identifier, at) => keepJson(item, identifier, at),
  image: ({ run }, item, identifier, at) => run.logImage(identifier, item, at),
  figure: ({ run }, item, identifier, at) => run.logFigure(identifier, item, at),
  audio: ({ run }, item, identifier, at) => run.logAudio(identifier, item, at),
  histogram: ({ run }, item, identifier, at) => run.logHistogram(identifier, item, at),
  table: ({ run }, item, identifier, at) => run.logTable(identifier, item, at),
  tensor: keepTensor,
  torch(kit, item, identifier, at) {
    if (isTensorLike(item)) keepTensor(kit, item as UnifiedItems['tensor'], identifier, at);
    else keepModel(kit, item as ModelLike, identifier, at); // which refuses what is none
  },
  artifact({ run, provenance, keepJson }, item, identifier, at) {
    if (item instanceof Blob) run.logFile(identifier, item, at);
    else keepJson(item, identifier, at);
    provenance.entity(identifier, 'artifact');
  },
  model: keepModel,
  best_model(kit, item, identifier, at) {
    keepModel(kit, item, identifier, at);
    kit.later(() => kit.run.setFacts({ 'model.best': identifier }));
  },
  dataset({ later, call, run, provenance, keepJson }, item, identifier, at) {
    const step = at.step ?? run.step;
    later(async () => {
      const described = await describeDataset(item, call);
      keepJson(described, identifier, { step });
      provenance.entity(identifier, 'dataset', described);
    });
  },
  watch({ watch, call, lookAtWatched, run }, item, identifier, { every = 100, step }) {
    if (typeof item !== 'object' || item === null || !Array.isArray(item.weights)) {
      throw new LogError('bad-value', `${call}: got ${describe(item)}, need a model with weights, such as a tf.LayersModel.`);
    }
    if (!(Number.isSafeInteger(every) && every > 0))
      throw new LogError('bad-options', `${call}: every is ${describe(every)}, need steps: 1, 2, …`);
    watch(item, identifier, every);
    lookAtWatched(step ?? run.step);
  },
  flops: logFlops,
  flops_pb: logFlops,
  flops_pe: logFlops,
  system({ run, call, later }, item, identifier, at) {
    const step = at.step ?? run.step;
    const log = (numbers: Readonly<Record<string, number>>): void => {
      for (const [name, value] of Object.entries(numbers)) run.log(`${identifier}/${name}`, value, { step });
    };
    if (item === undefined || item === null) later(async () => log(await systemNumbers()));
    else if (typeof item === 'object') log(item);
    else throw new LogError('bad-value', `${call}: got ${describe(item)}, need numbers by name, or nothing.`);
  },
  execution_time: ({ run, secondsSinceStart }, item, identifier, at) => run.log(identifier, item ?? secondsSinceStart(), at),
  carbon({ run, call, secondsSinceStart }, item, identifier, at) {
    if (typeof item === 'number') return run.log(identifier, item, at);
    const { watts, gramsPerKWh, seconds = secondsSinceStart() } = item ?? {}; // checked in the next line
    if (!(Number.isFinite(watts) && Number.isFinite(gramsPerKWh))) {
      throw new LogError('bad-value', `${call}: a page cannot measure power. Give grams of CO₂, or { watts, gramsPerKWh }.`);
    }
    return run.log(identifier, ((watts * seconds) / 3_600_000) * gramsPerKWh, at);
  },
  prov_documents({ run, provenance, later }, _item, identifier) {
    const { step } = run;
    later(async () => {
      const { json, svg } = provenance.documents(run.info);
      run.logFile(`${identifier}.json`, new Blob([json], { type: 'application/json' }), { step });
      run.logFile(`${identifier}.svg`, new Blob([svg], { type: 'image/svg+xml' }), { step });
    });
  },
};

function keepTensor({ run, call, later }: Kit, item: UnifiedItems['tensor'], identifier: string, at: UnifiedLogOptions): void {
  if (!isTensorLike(item)) throw new LogError('bad-value', `${call}: got ${describe(item)}, need a tensor.`);
  const { shape } = item;
  const values = readTensorValues(item, call);
  const step = at.step ?? run.step;
  later(async () => {
    const read = await values;
    const isNpy = read instanceof Float32Array || read instanceof Int32Array || read instanceof Uint8Array || read instanceof Float64Array;
    const numbers: NpyValues = isNpy ? read : Float64Array.from(read);
    run.logFile(identifier, new Blob([encodeNpy(numbers, shape)], { type: 'application/x-npy' }), { fileName: `${identifier}.npy`, step });
  });
}

function keepModel({ run, call, later, provenance }: Kit, item: ModelLike, identifier: string, at: UnifiedLogOptions): void {
  if (!isModelLike(item))
    throw new LogError('bad-value', `${call}: got ${describe(item)}, need a model with save(), such as a tf.LayersModel.`);
  const step = at.step ?? run.step;
  later(async () => {
    const name = identifier.split('/').at(-1) ?? identifier;
    const { json, weights } = await modelFiles(item, name);
    run.logFile(identifier, new Blob([json], { type: 'application/json' }), { fileName: `${identifier}.json`, step });
    run.logFile(`${identifier}.weights`, weights, { fileName: `${identifier}.weights.bin`, step });
    provenance.entity(identifier, 'model');
  });
}

function logFlops({ run, call }: Kit, item: UnifiedItems['flops_pb'] | ModelLike, identifier: string, at: UnifiedLogOptions): void {
  const [source, samples]: readonly [unknown, number] = Array.isArray(item) ? [item[0], Number(item[1])] : [item, 1];
  const each =
    typeof source === 'number' ? source : typeof source === 'object' && source !== null ? countFlops(source as ModelLike) : undefined; // it looks for layers
  if (each === undefined || !Number.isFinite(samples)) {
    throw new LogError('bad-value', `${call}: got ${describe(item)}, need a number, a model with layers, or [model, samples].`);
  }
  run.log(identifier, each * samples, at);
}
