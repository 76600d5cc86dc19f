import { describe, LogError } from '../../core/errors.ts';
import { isNdArray, type NdArray } from '../nd-array.ts';

/** What the regression metrics take. */
export type Pair = readonly [preds: NdArray, target: NdArray];

/** One value for each output if outputs are named, else one number. */
export type PerOutput<Options> = Options extends { readonly numOutputs: number } ? number | Float64Array : number;

/** Throws `bad-metric` unless both are numbers of one shape. */
export function checkPair(call: string, preds: NdArray, target: NdArray): void {
  for (const [name, value] of [
    ['preds', preds],
    ['target', target],
  ] as const) {
    if (!isNdArray(value))
      throw new LogError('bad-metric', `${call}: ${name} is ${describe(value)}. Give numbers, arrays of numbers or a tensor.`);
  }
  if (preds.shape.length === target.shape.length && preds.shape.every((size, axis) => size === target.shape[axis])) return;
  throw new LogError('bad-metric', `${call}: preds have shape ${shapeOf(preds)}, target has ${shapeOf(target)}. Give both the same shape.`);
}

/** Rows of outputs: (N) or (N, outputs), one output being (N) or (N, 1). Gives N, 0 for an empty array; throws `bad-metric` for any other shape. */
export function checkRows(call: string, preds: NdArray, target: NdArray, numOutputs: number): number {
  checkPair(call, preds, target);
  if (preds.values.length === 0) return 0;
  const [rows = 1, outputs = 1] = preds.shape;
  if (preds.shape.length <= 2 && outputs === numOutputs) return rows;
  const wanted = numOutputs === 1 ? '(N) or (N, 1)' : `(N, ${numOutputs})`;
  throw new LogError(
    'bad-metric',
    `${call}: got shape ${shapeOf(preds)}, need ${wanted}. Set numOutputs to the number of columns, or flatten them.`,
  );
}

/** Throws `bad-options` unless it is a whole number above 0. Default 1. */
export function checkNumOutputs(numOutputs: unknown, call: string): number {
  if (numOutputs === undefined) return 1;
  if (Number.isInteger(numOutputs) && Number(numOutputs) > 0) return Number(numOutputs);
  throw new LogError('bad-options', `${call}: numOutputs is ${describe(numOutputs)}. Give a whole number above 0.`);
}

/** Throws `bad-options` for a word that is not among the known ones. */
export function checkWord<Word extends string>(call: string, option: string, value: unknown, words: readonly [Word, ...Word[]]): Word {
  if (value === undefined) return words[0];
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  throw new LogError(
    'bad-options',
    `${call}: ${option} is ${describe(value)}. Give one of ${words.map((word) => `'${word}'`).join(', ')}.`,
  );
}

/** One value as a number, several as they are. */
export function perOutput<Out>(values: Float64Array): Out {
  return (values.length === 1 ? values[0] : values) as Out; // `PerOutput`: one number unless outputs were asked for
}

function shapeOf({ shape }: NdArray): string {
  return `[${shape.join(', ')}]`;
}
