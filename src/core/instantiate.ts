import { isPlainObject } from './config.ts';
import { describe, LogError } from './errors.ts';
import { nearestName } from './nearest-name.ts';

/**
 * What a declarative config may name: functions, which get the other keys of the entry as one object, classes, which are made with it,
 * and ready values.
 */
export type Registry = Readonly<Record<string, unknown>>;

/**
 * Builds objects from a declarative config, as Hydra and Lighter do: `{ _target_: 'adam', learningRate: 1e-3 }` is what
 * `registry.adam({ learningRate: 1e-3 })` gives, innermost first. `_args_` holds arguments in order, in place of the object or before
 * it; with `_partial_: true` it becomes a function that makes the object when it is called. A text `'@system.batchSize'` is the value
 * found at that path of the config (`'@@'` begins a text with one `@`), and what two places refer to is built once. All other values are
 * taken as they are; nothing is evaluated.
 *
 * Throws `bad-options` for a registry that is none, and with the path of what is wrong: a name that the registry does not have, a reference that leads nowhere or back
 * to itself, or what a function of the registry threw, as the `cause`.
 */
export function instantiate(config: unknown, registry: Registry, call: string): unknown {
  const given: unknown = registry;
  if (typeof given !== 'object' || given === null)
    throw new LogError('bad-options', `${call}: the registry is ${describe(given)}, need an object such as { adam: tf.train.adam }.`);
  return new Builder(config, registry, call).build(config, 'config', []);
}

class Builder {
  readonly #config: unknown;
  readonly #registry: Registry;
  readonly #call: string;
  readonly #built = new Map<object, unknown>();
  readonly #underWay = new Set<object>();

  constructor(config: unknown, registry: Registry, call: string) {
    this.#config = config;
    this.#registry = registry;
    this.#call = call;
  }

  build(node: unknown, path: string, references: readonly string[]): unknown {
    if (typeof node === 'string' && node.startsWith('@')) {
      return node.startsWith('@@') ? node.slice(1) : this.#follow(node, path, references);
    }
    if (!Array.isArray(node) && !isPlainObject(node)) return node;
    if (this.#built.has(node)) return this.#built.get(node);
    if (this.#underWay.has(node))
      this.#refuse(path, `needs itself${references.length > 0 ? `, by ${references.join(', ')}` : ''}`, 'Break the circle');
    this.#underWay.add(node);
    const made = Array.isArray(node)
      ? node.map((item, i) => this.build(item, `${path}[${i}]`, references))
      : '_target_' in node
        ? this.#make(node, path, references)
        : this.#buildValues(node, path, references);
    this.#underWay.delete(node);
    this.#built.set(node, made);
    return made;
  }

  #buildValues(node: Readonly<Record<string, unknown>>, path: string, references: readonly string[]): Record<string, unknown> {
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, this.build(value, `${path}.${key}`, references)]));
  }

  #make(node: Readonly<Record<string, unknown>>, path: string, references: readonly string[]): unknown {
    const { _target_: name, _args_: given = [], _partial_: isPartial = false, ...rest } = node;
    const target = this.#lookUp(name, path);
    if (!Array.isArray(given)) return this.#refuse(`${path}._args_`, `is ${describe(given)}`, 'Give an array of arguments');
    if (typeof isPartial !== 'boolean') return this.#refuse(`${path}._partial_`, `is ${describe(isPartial)}`, 'Write true or false');
    const args = given.map((value, i) => this.build(value, `${path}._args_[${i}]`, references));
    const hasOptions = Object.keys(rest).length > 0;
    if (typeof target !== 'function') {
      if (!hasOptions && args.length === 0) return target;
      return this.#refuse(path, `'${String(name)}' is ${describe(target)} and takes no settings`, 'Leave them out');
    }
    if (hasOptions) args.push(this.#buildValues(rest, path, references));
    const make = (...more: readonly unknown[]): unknown => {
      try {
        // What the registry holds is called with what the config says: that is the contract of the two.
        return isClass(target)
          ? Reflect.construct(target, [...args, ...more])
          : (Reflect.apply(target, undefined, [...args, ...more]) as unknown);
      } catch (thrown) {
        const text = thrown instanceof Error ? thrown.message : String(thrown);
        const code = thrown instanceof LogError ? thrown.code : 'bad-options';
        throw new LogError(code, `${this.#call}: ${path} ('${String(name)}') failed: ${text}`, { cause: thrown });
      }
    };
    return isPartial ? make : make();
  }

  #lookUp(name: unknown, path: string): unknown {
    if (typeof name === 'string' && Object.hasOwn(this.#registry, name)) return this.#registry[name];
    const known = Object.keys(this.#registry);
    const near = typeof name === 'string' ? nearestName(name, known) : undefined;
    const advice = known.length === 0 ? 'The registry is empty: pass { adam: tf.train.adam, … }' : `It has ${known.join(', ')}`;
    return this.#refuse(
      `${path}._target_`,
      `${describe(name)} is not in the registry`,
      near === undefined ? advice : `Did you mean '${near}'? ${advice}`,
    );
  }

  #follow(reference: string, path: string, references: readonly string[]): unknown {
    if (references.includes(reference))
      this.#refuse(path, `refers back to itself by ${[...references, reference].join(', ')}`, 'Break the circle');
    if (reference === '@') this.#refuse(path, "is '@', which refers to nothing", "Write the path behind it, or '@@' for the sign itself");
    let node = this.#config;
    for (const key of reference
      .slice(1)
      .split(/[.[\]]+/)
      .filter((part) => part !== '')) {
      if ((Array.isArray(node) || isPlainObject(node)) && Object.hasOwn(node, key)) node = (node as Readonly<Record<string, unknown>>)[key];
      else this.#refuse(path, `refers to '${reference}', where the config has no '${key}'`, 'Write the path from the top of the config');
    }
    return this.build(node, `config.${reference.slice(1)}`, [...references, reference]);
  }

  #refuse(path: string, found: string, next: string): never {
    throw new LogError('bad-options', `${this.#call}: ${path} ${found}. ${next}.`);
  }
}

function isClass(target: object): target is new (...args: unknown[]) => unknown {
  // Functions have a writable prototype, or none.
  return Object.getOwnPropertyDescriptor(target, 'prototype')?.writable === false;
}
