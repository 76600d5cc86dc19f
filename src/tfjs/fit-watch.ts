import { type FitParams, handlerNames, type KnownTf, type PageCallback, type PageModel } from './page-tf.ts';

// What TensorFlow.js does with `callbacks` depends on the first of them alone: with an instance of a callback class there it calls
// all as instances, without one it takes the handlers off all as if they were literals. Either way those of the other sort break or are
// never called, and the tensors of a batch are read one by one before any handler of a literal runs. The one place where it shows
// the whole list is `callbacks instanceof BaseCallback`, just before it decides; from there to the first await of the fit it is
// seen to that each gets what it would get alone.

/** Marks what `fitCallback` gives, also where a page spreads it into a literal of its own. */
const mark: unique symbol = Symbol('fitCallback');

/** Takes part in one fit. */
export interface FitJoiner {
  readonly [mark]: Join;
}

/** One fit that has begun. */
export interface BegunFit {
  readonly model: PageModel;
  readonly params: FitParams;
  /** Another callback of the list yields, as often. */
  readonly yieldsElsewhere: boolean;
}

/** The name of what TensorFlow.js calls while it trains. */
export type HandlerName = (typeof handlerNames)[number];

/** What is called around all callbacks of a list, wherever ours stands in it. */
export interface FitHooks {
  /** Before the first of them, with what that gets: scalars that nobody has read yet. */
  before(name: HandlerName, args: readonly unknown[]): unknown;
  /** After the last of them. */
  after(name: HandlerName): unknown;
}

/** Gets the callback that TensorFlow.js has made of one of ours. */
export type Join = (made: PageCallback, fit: BegunFit) => FitHooks;

/** Marks handlers as ours: whatever list they stand in, their fit begins with a `join`. */
export function marked<T extends object>(handlers: T, join: Join): T & FitJoiner {
  return Object.assign(handlers, { [mark]: join });
}

function joinOf(entry: unknown): Join | undefined {
  return typeof entry === 'object' && entry !== null ? (entry as Partial<FitJoiner>)[mark] : undefined; // any object may be asked
}

const watched = new WeakMap<object, (value: unknown) => boolean>();

/** Sees to the fits of a TensorFlow.js from now on. Gives back what tells instances of its callback classes from literals. */
export function watchFits(tf: KnownTf): (value: unknown) => boolean {
  const { CustomCallback } = tf;
  // It has no name outside of TensorFlow.js. A prototype names its class.
  const { constructor: base } = Object.getPrototypeOf(CustomCallback.prototype) as { readonly constructor: object };
  const known = watched.get(base);
  if (known !== undefined) return known;
  const before = (base as { readonly [Symbol.hasInstance]: (value: unknown) => boolean })[Symbol.hasInstance]; // each function has it
  const isInstance = (value: unknown): boolean => before.call(base as never, value); // as `instanceof` calls it
  watched.set(base, isInstance);
  let first: unknown;
  Object.defineProperty(base, Symbol.hasInstance, {
    configurable: true,
    writable: true,
    value(this: unknown, value: unknown): boolean {
      if (this === base && typeof value === 'object' && value !== null) {
        // The question by which it decides for all: whichever comes first, all are to be made into callbacks that yield as asked.
        if (value === first) return false;
        const entries: readonly unknown[] = Array.isArray(value) ? [...value] : [value];
        if (entries.some((entry) => joinOf(entry) !== undefined)) {
          first = Array.isArray(value) ? entries[0] : undefined;
          queueMicrotask(() => (first = undefined));
          catchMade(CustomCallback.prototype, entries, isInstance);
        }
      }
      return before.call(this as never, value); // of this class, or of one that inherits it
    },
  });
  return isInstance;
}

let letGo: (() => void) | undefined;

/** Catches the callbacks that are made of `entries` when they are told of their fit, which comes before anything is awaited. */
function catchMade(prototype: PageCallback, entries: readonly unknown[], isInstance: (value: unknown) => boolean): void {
  letGo?.();
  const own = (['setParams', 'setModel'] as const).map((name) => [name, Object.getOwnPropertyDescriptor(prototype, name)] as const);
  const { setParams } = prototype;
  const made: PageCallback[] = [];
  let params: FitParams = {};
  const undo = (): void => {
    if (letGo !== undo) return;
    letGo = undefined;
    for (const [name, descriptor] of own) {
      if (descriptor === undefined) Reflect.deleteProperty(prototype, name);
      else Object.defineProperty(prototype, name, descriptor);
    }
  };
  letGo = undo;
  queueMicrotask(undo);
  const put = (name: 'setParams' | 'setModel', value: (this: PageCallback, given: never) => void): void =>
    void Object.defineProperty(prototype, name, { configurable: true, writable: true, value });
  put('setParams', function (given: FitParams) {
    setParams.call(this, given);
    params = given;
    made.push(this);
  });
  put('setModel', function (model: PageModel) {
    undo();
    // Those of the list come last.
    const ours = made.slice(-entries.length);
    const yieldsElsewhere = entries.some((entry) => joinOf(entry) === undefined && !isInstance(entry));
    const hooks = entries.map((entry, i) => takePart(entry, ours[i]!, { model, params, yieldsElsewhere }, isInstance)); // one for each
    for (const one of hooks) if (one !== undefined) surround(ours, one);
    this.setModel(model);
  });
}

/** Gives `made`, a callback that TensorFlow.js has made of an entry, the part of that entry. */
export function takePart(entry: unknown, made: PageCallback, fit: BegunFit, isInstance: (value: unknown) => boolean): FitHooks | undefined {
  const join = joinOf(entry);
  if (join !== undefined) return join(made, fit);
  if (!isInstance(entry)) return undefined;
  const callback = entry as PageCallback; // it is one of its classes
  callback.setParams(fit.params);
  callback.setModel(fit.model);
  for (const name of handlerNames) made[name] = (...args) => callback[name](...args);
  return undefined;
}

/** Has hooks called before the first and after the last of callbacks that are called one after the other. */
export function surround(callbacks: readonly PageCallback[], hooks: FitHooks): void {
  const first = callbacks[0]!;
  const last = callbacks.at(-1)!;
  for (const name of handlerNames) {
    const begin = first[name].bind(first);
    first[name] = async (...args) => {
      await hooks.before(name, args);
      await begin(...args);
    };
    const end = last[name].bind(last);
    last[name] = async (...args) => {
      await end(...args);
      await hooks.after(name);
    };
  }
}
