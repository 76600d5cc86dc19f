import { train } from '@tensorflow/tfjs-core';
import type { FitResult, FitSession, Json, Trainable } from 'tabtrain';
import { arrayData, chooseBackend, type DataSource, System, type WeightValues } from 'tabtrain/tfjs';
import { type ExposedTrainer, exposeTrainer } from 'tabtrain/worker';
import { type Digits, everyNth, firstDigits, loadDigits } from '../data/mnist.ts';
import type { Settings } from '../page/settings.ts';
import { registerBackends } from './backends.ts';
import { buildNetwork } from './models.ts';
import { chooseNetwork, type NetworkName, testStride } from './network-choice.ts';
import type { WorkerNews } from './worker-news.ts';

/** What the page sends for one training; it is kept as the run's hyperparameters. */
type DigitsConfig = Omit<Settings, 'learningRate'> & { readonly lr: number };

const dataFolder = new URL(import.meta.env.DEV ? '/data/' : '../data/', import.meta.url).href;
const pixels = { shape: [28, 28, 1], scale: 1 / 255 };

registerBackends();

/** A network that is trained on digits: a `System`, and the name of the network for the run's hyperparameters. */
class DigitReader implements Trainable {
  readonly hyperparameters: Readonly<Record<string, Json>>;
  readonly testDigits: Digits;
  readonly #system: System;

  constructor(network: NetworkName, config: DigitsConfig, training: Digits, test: Digits) {
    this.testDigits = test;
    this.#system = new System({
      model: () => buildNetwork(network),
      optimizer: () => train.adam(config.lr),
      loss: 'sparseCategoricalCrossentropy',
      metrics: ['accuracy'],
      train: toSource(training),
      validation: toSource(everyNth(test, testStride(training.count))),
      batchSize: config.batchSize,
      backend: config.backend,
    });
    this.hyperparameters = { ...this.#system.hyperparameters, network };
  }

  get engine(): System['engine'] {
    return this.#system.engine;
  }

  fit(session: FitSession): Promise<FitResult> {
    return this.#system.fit(session);
  }

  /** Ten probabilities for each digit of 784 bytes. */
  read(digits: Uint8Array): Promise<Float32Array> {
    return this.#system.predict(Float32Array.from(digits, (ink) => ink / 255));
  }

  weights(): Promise<WeightValues[]> {
    return this.#system.weights();
  }

  dispose(): void {
    this.#system.dispose();
  }
}

async function makeReader(config: DigitsConfig): Promise<DigitReader> {
  const network = await pickNetwork(config);
  const [training, test] = await Promise.all([trainingDigits(config.digits), testDigits()]);
  tell({ news: 'test', count: Math.floor(test.count / testStride(training.count)) });
  return new DigitReader(network, config, training, test);
}

async function pickNetwork({ model, backend: wish }: DigitsConfig): Promise<NetworkName> {
  // With a network given and the backend free, the system alone can tell which backend has all that this network needs.
  const backend = model === 'auto' || wish !== 'auto' ? await chooseBackend({ backend: wish }) : undefined;
  const { network, reason } = chooseNetwork(model, backend);
  tell({ news: 'choice', networkReason: reason, ...(backend === undefined ? {} : { backend }) });
  return network;
}

let loadedTraining: Digits | undefined;
let loadedTest: Digits | undefined;

/** Fetched once per worker; fewer digits than last time are a part of those, more are fetched anew. */
async function trainingDigits(count: number): Promise<Digits> {
  if (loadedTraining === undefined || loadedTraining.count < count) {
    const onProgress = (part: number): void => tell({ news: 'digits', part });
    loadedTraining = await loadDigits({ folder: dataFolder, half: 'train', limit: count, onProgress: atMostEvery(50, onProgress) });
  }
  return firstDigits(loadedTraining, count);
}

async function testDigits(): Promise<Digits> {
  loadedTest ??= await loadDigits({ folder: dataFolder, half: 't10k' });
  return loadedTest;
}

function toSource({ images, labels }: Digits): DataSource {
  return arrayData({ ...pixels, values: images }, { values: labels, shape: [] });
}

/** Passes on what comes after a pause of so many milliseconds. */
function atMostEvery(milliseconds: number, listener: (part: number) => void): (part: number) => void {
  let last = -Infinity;
  return (part) => {
    const now = performance.now();
    if (now - last < milliseconds) return;
    last = now;
    listener(part);
  };
}

function tell(news: WorkerNews): void {
  postMessage(news);
}

const calls = {
  /** Ten probabilities for one digit of 784 bytes. */
  classify: (reader: DigitReader, digit: Uint8Array): Promise<Float32Array> => reader.read(digit),
  /** Ten probabilities for each of the first test digits. */
  readTestDigits: (reader: DigitReader, count: number): Promise<Float32Array> => reader.read(firstDigits(reader.testDigits, count).images),
  /** All weights, for saving them or for computing with them elsewhere. */
  weights: (reader: DigitReader): Promise<WeightValues[]> => reader.weights(),
};

/** The worker's trainer; its type is what the page's calls are checked against. */
export const api: ExposedTrainer<DigitsConfig, DigitReader, typeof calls> = exposeTrainer(makeReader, { calls });
