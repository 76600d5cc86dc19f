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
 * `cat` is for lists: one behind the other, as with `null`. Any other state with `cat` or `null` needs a `mergeStates` of the metric's own.
 */
export type StateReduction = 'sum' | 'mean' | 'min' | 'max' | 'cat' | null | StateFold;

/** A state as `addState` was told of it; an array of length 0 takes the length of the first batch. */
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
  return Object.values(declared).every(({ initial, reduce }) => Array.isArray(initial) || (reduce !== null && reduce !== 'cat'));
}

/** Throws `bad-metric` unless both hold the declared states in the same kinds and lengths. */
export function checkStates(declared: StateDeclarations, into: Readonly<MetricStates>, from: Readonly<MetricStates>, call: string): void {
  for (const name in declared) {
    const [before, added] = [into[name], from[name]];
    if (before !== undefined && added !== undefined && canFold(before, added)) continue;
    throw new LogError(
      'bad-metric',
      `${call}: state '${name}' is missing or of another kind or length. Merge metrics of one class with the same options.`,
    );
  }
}

/** Folds `from` into `into`. The counts are the updates behind each; only `mean` looks at them. Throws before it changes anything. */
export function mergeByReduction(
  declared: StateDeclarations,
  into: MetricStates,
  from: Readonly<MetricStates>,
  counts: { readonly into: number; readonly from: number },
  call: string,
): void {
  checkStates(declared, into, from, call);
  const share = counts.from / Math.max(1, counts.into + counts.from);
  for (const [name, { reduce }] of Object.entries(declared)) {
    into[name] = foldState(reduce, into[name] as MetricState, from[name] as MetricState, share); // looked at above
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

function canFold(before: MetricState, added: MetricState): boolean {
  if (typeof before === 'number' || typeof added === 'number') return typeof before === typeof added;
  if (Array.isArray(before) || Array.isArray(added)) return Array.isArray(before) === Array.isArray(added);
  return before.length === added.length || before.length === 0 || added.length === 0;
}

function foldState(reduce: StateReduction, before: MetricState, added: MetricState, share: number): MetricState {
  if (typeof reduce === 'function') return reduce([before, added]);
  if (Array.isArray(before) && Array.isArray(added)) {
    for (const chunk of added) before.push(chunk);
    return before;
  }
  const fold = folds[reduce as keyof typeof folds]; // others are for lists, by `canMerge`
  if (typeof before === 'number' && typeof added === 'number') return fold(before, added, share);
  const [into, from] = [before as NumberTypedArray, added as NumberTypedArray]; // numbers and lists were dealt with
  // An array that waits for its first batch to learn its length.
  if (into.length === 0) return from.slice();
  for (let i = 0; i < from.length; i++) into[i] = fold(into[i] as number, from[i] as number, share); // i is within both
  return into;
}

const folds = {
  sum: (before: number, added: number): number => before + added,
  mean: (before: number, added: number, share: number): number => before + (added - before) * share,
  min: (before: number, added: number): number => Math.min(before, added),
  max: (before: number, added: number): number => Math.max(before, added),
};

/** States under the names and kinds that a subclass has declared. */
export function asDeclared<States>(states: Readonly<MetricStates>): States {
  return states as unknown as States; // only the subclass knows them by name
}
