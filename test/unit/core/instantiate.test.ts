import { describe, expect, test } from 'vitest';
import { LogError } from '../../../src/core/errors.ts';
import { instantiate, type Registry } from '../../../src/core/instantiate.ts';

class Dense {
  readonly units: number;
  constructor({ units }: { units: number }) {
    this.units = units;
  }
}

const registry = {
  Dense,
  adam: ({ learningRate }: { learningRate: number }) => `adam(${learningRate})`,
  pair: (a: unknown, b: unknown) => [a, b],
  digits: new Float32Array([1, 2]),
  broken: () => {
    throw new RangeError('too small');
  },
};
const build = (config: unknown): unknown => instantiate(config, registry, 'System.fromConfig()');

function caught(config: unknown): LogError {
  try {
    build(config);
  } catch (thrown) {
    if (thrown instanceof LogError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

describe('a declarative config', () => {
  test('makes functions, classes and values of what it names, innermost first', () => {
    const made = build({
      layers: [{ _target_: 'Dense', units: 3 }],
      optimizer: { _target_: 'adam', learningRate: 0.1 },
      both: { _target_: 'pair', _args_: [{ _target_: 'Dense', units: 1 }, 'x'] },
      data: { _target_: 'digits' },
      plain: { epochs: 3, names: ['a', '@@me'] },
    }) as Record<string, unknown>;
    expect(made['layers']).toEqual([new Dense({ units: 3 })]);
    expect(made['optimizer']).toBe('adam(0.1)');
    expect(made['both']).toEqual([new Dense({ units: 1 }), 'x']);
    expect(made['data']).toBe(registry.digits);
    expect(made['plain']).toEqual({ epochs: 3, names: ['a', '@me'] });
  });

  test('makes a function that makes the object later, if asked to', () => {
    const { model } = build({ model: { _target_: 'Dense', _partial_: true, units: 4 } }) as { model: () => Dense };
    expect(model()).toEqual(new Dense({ units: 4 }));
    expect(model()).not.toBe(model());
  });

  test('builds what two places refer to once', () => {
    const { a, b } = build({
      model: { _target_: 'Dense', units: 2 },
      a: '@model',
      b: { _target_: 'pair', _args_: ['@model', '@list[1]'] },
      list: [5, 6],
    }) as {
      a: unknown;
      b: unknown[];
    };
    expect(b[0]).toBe(a);
    expect(b[1]).toBe(6);
  });

  test.each([
    [
      'a name that is not there',
      { system: { model: { _target_: 'dense' } } },
      `System.fromConfig(): config.system.model._target_ the string "dense" is not in the registry. Did you mean 'Dense'? It has Dense, adam, pair, digits, broken.`,
    ],
    [
      'a reference that leads nowhere',
      { a: ['@b.c'], b: {} },
      "System.fromConfig(): config.a[0] refers to '@b.c', where the config has no 'c'. Write the path from the top of the config.",
    ],
    [
      'references in a circle',
      { a: '@b', b: '@a' },
      'System.fromConfig(): config.a refers back to itself by @b, @a, @b. Break the circle.',
    ],
    [
      'an object that needs itself',
      { a: { _target_: 'pair', x: '@a' } },
      'System.fromConfig(): config.a needs itself, by @a. Break the circle.',
    ],
    [
      'settings of a value',
      { a: { _target_: 'digits', n: 1 } },
      "System.fromConfig(): config.a 'digits' is a Float32Array of 2 values and takes no settings. Leave them out.",
    ],
    [
      'arguments that are no array',
      { a: { _target_: 'pair', _args_: 3 } },
      'System.fromConfig(): config.a._args_ is the number 3. Give an array of arguments.',
    ],
    [
      'a reference to nothing',
      { x: '@' },
      "System.fromConfig(): config.x is '@', which refers to nothing. Write the path behind it, or '@@' for the sign itself.",
    ],
    [
      'a part that is neither whole nor partial',
      { a: { _target_: 'pair', _partial_: 'yes' } },
      'System.fromConfig(): config.a._partial_ is the string "yes". Write true or false.',
    ],
    ['a function that throws', { a: [{ _target_: 'broken' }] }, "System.fromConfig(): config.a[0] ('broken') failed: too small"],
    [
      'a key of every object',
      { _target_: 'toString' },
      'System.fromConfig(): config._target_ the string "toString" is not in the registry. It has Dense, adam, pair, digits, broken.',
    ],
  ])('is refused with the path of %s', (_, config, message) => {
    expect(caught(config).message).toBe(message);
    expect(caught(config).code).toBe('bad-options');
  });
});

test('is refused without a registry', () => {
  expect(() => instantiate({ _target_: 'a' }, undefined as unknown as Registry, 'instantiateConfig()')).toThrow(
    expect.objectContaining({
      code: 'bad-options',
      message: 'instantiateConfig(): the registry is undefined, need an object such as { adam: tf.train.adam }.',
    }),
  );
});
