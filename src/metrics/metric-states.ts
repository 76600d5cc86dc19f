import { LogError } from '../core/errors.ts';
import type { NumberTypedArray } from './nd-array.ts';

/** One state of a metric: a number, an array that is counted into, or a list that grows. All of them survive structured cloning. */
export type MetricState = number | NumberTypedArray | NumberTypedArray[];

/** The states of a metric by name. */
export type MetricStates = Record<string, MetricState>;

/** Folds two of a state into one; lists come as lists. */
export type StateFold = (states: readonly [MetricState, MetricState]) => MetricState;

/**
 * How a state of two metrics, or of a batch and what was before it, becomes one. `mean` is weighted by the number of updates;
 * `cat` puts lists and arrays one behind the other; `null`: lists as `cat`, anything else only by a `mergeStates` of the metric's own.
 */
export type StateReduction = 'sum' | 'mean' | 'min' | 'max' | 'cat' | null | StateFold;

/** A state as `addState` was told of it. */
export interface StateDeclaration {
  readonly initial: MetricState;
  readonly reduce: StateReduction;
}

export type StateDeclarations = Readonly<Record<string, StateDeclaration>>;

/** A state that may change without the one it was taken from. What lies in a list is never changed, hence shared. */
export function copyState(state: MetricState): MetricState {
  return typeof state === 'number' ? state : state.slice();
}

export function copyStates(states: Readonly<MetricStates>): MetricStates {
  return Object.fromEntries(Object.entries(states).map(([name, state]) => [name, copyState(state)]));
}

export function initialStates(declared: StateDeclarations): MetricStates {
  const states: MetricStates = {};
  for (const name in declared) states[name] = copyState((declared[name] as StateDeclaration).initial); // name is a key of it
  return states;
}

/** True when every state has a reduction, so that batches can be merged. */
export function canMerge(declared: StateDeclarations): boolean {
  return Object.values(declared).every(({ initial, reduce }) => reduce !== null || Array.isArray(initial));
}

/** Folds `from` into `into`. The counts are the updates behind each; only `mean` looks at them. */
export function mergeByReduction(
  declared: StateDeclarations,
  into: MetricStates,
  from: Readonly<MetricStates>,
  counts: { readonly into: number; readonly from: number },
  call: string,
): void {
  const share = counts.into + counts.from === 0 ? 0 : counts.from / (counts.into + counts.from);
  for (const [name, { reduce }] of Object.entries(declared)) {
    const before = into[name];
    const added = from[name];
    if (before === undefined || added === undefined || kindOf(before) !== kindOf(added)) {
      throw new LogError(
        'bad-metric',
        `${call}: state '${name}' is missing or of another kind. Merge metrics of one class with the same options.`,
      );
    }
    into[name] = mergeState(reduce, before, added, share, `${call}: state '${name}'`);
  }
}

/** Takes one vector apart into the states, in the order in which they were declared. Throws `internal` when it does not fit. */
export function statesFromVector(declared: StateDeclarations, vector: Float64Array, call: string): MetricStates {
  const states: MetricStates = {};
  let at = 0;
  for (const [name, { initial }] of Object.entries(declared)) {
    const size = typeof initial === 'number' ? 1 : initial.length;
    states[name] = typeof initial === 'number' ? (vector[at] ?? NaN) : vector.slice(at, at + size);
    at += size;
  }
  if (at !== vector.length)
    throw new LogError('internal', `internal: ${call} got ${vector.length} numbers from the device for ${at} of its states.`);
  return states;
}

function kindOf(state: MetricState): string {
  return typeof state === 'number' ? 'number' : Array.isArray(state) ? 'list' : 'array';
}

function mergeState(reduce: StateReduction, before: MetricState, added: MetricState, share: number, call: string): MetricState {
  if (typeof reduce === 'function') return reduce([before, added]);
  if (Array.isArray(before) && Array.isArray(added)) {
    for (const chunk of added) before.push(chunk);
    return before;
  }
  if (reduce === 'cat') return Float64Array.of(...numbersOf(before), ...numbersOf(added));
  if (reduce === null)
    throw new LogError('bad-metric', `${call} has no reduction, so it cannot be merged. Declare one, or override mergeStates().`);
  const fold = folds[reduce];
  if (typeof before === 'number' && typeof added === 'number') return fold(before, added, share);
  const [into, from] = [numbersOf(before), numbersOf(added)];
  if (into.length !== from.length)
    throw new LogError(
      'bad-metric',
      `${call} has ${from.length} values in one metric and ${into.length} in the other. Merge metrics with the same options.`,
    );
  for (let i = 0; i < into.length; i++) into[i] = fold(into[i] as number, from[i] as number, share); // i is within both
  return into;
}

/** An array or number as an array; kinds were compared before, so lists never come here alone. */
function numbersOf(state: MetricState): NumberTypedArray {
  return typeof state === 'number' ? Float64Array.of(state) : Array.isArray(state) ? new Float64Array(0) : state;
}

const folds = {
  sum: (before: number, added: number): number => before + added,
  mean: (before: number, added: number, share: number): number => before + (added - before) * share,
  min: (before: number, added: number): number => Math.min(before, added),
  max: (before: number, added: number): number => Math.max(before, added),
};
