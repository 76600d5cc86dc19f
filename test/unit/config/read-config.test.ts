import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../src/config/read-config.ts';
import { instantiateConfig } from '../../../src/config/instantiate-config.ts';
import { LogError } from '../../../src/core/errors.ts';
import { startRun } from '../../../src/run/start-run.ts';
import { memoryStore } from '../../../src/store/memory-store.ts';

function caught(act: () => unknown): LogError {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof LogError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

const yaml = `# the good one
lr: 1e-3
name: yes
layers:
- {units: 16, activation: relu}
- units: 10
`;

describe('a config text', () => {
  test('is read as YAML 1.2, where 1e-3 is a number and yes a text', () => {
    expect(readConfig(yaml)).toEqual({
      isConfigText: true,
      format: 'yaml',
      text: yaml,
      values: { lr: 0.001, name: 'yes', layers: [{ units: 16, activation: 'relu' }, { units: 10 }] },
    });
  });

  test('is read as JSON when it is JSON', () => {
    expect(readConfig('{ "lr": 0.1, "deep": { "on": true } }')).toMatchObject({ format: 'json', values: { lr: 0.1, deep: { on: true } } });
  });

  test('may be empty', () => {
    expect(readConfig('# nothing yet\n').values).toEqual({});
  });

  test.each<[string, () => unknown, string]>([
    ['cannot be read as YAML', () => readConfig('a: [1'), 'readConfig() as YAML: '],
    ['cannot be read as JSON', () => readConfig('{ "a": }', { format: 'json' }), 'readConfig() as JSON: '],
    ['has a number that JSON lacks', () => readConfig('{"lr": NaN, "name": "Infinity"}'), 'JSON has no NaN and no Infinity'],
    ['is a list', () => readConfig('- 1\n- 2'), 'readConfig() as YAML: the text holds an array of 2 values'],
    ['is no text', () => readConfig(3 as unknown as string), 'readConfig(the number 3): need the text'],
  ])('is refused when it %s', (_, act, message) => {
    const error = caught(act);
    expect(error.code).toBe('bad-options');
    expect(error.message).toContain(message);
  });

  test('is kept with the run as it was written', async () => {
    const store = memoryStore('config-text');
    const run = await startRun({ store, config: readConfig(yaml) });
    expect(run.info.config).toMatchObject({ lr: 0.001 });
    expect((await store.run(run.id))?.facts).toMatchObject({ 'config.text': yaml, 'config.format': 'yaml' });
    await run.finish();
  });

  test('may have texts that look like numbers', () => {
    expect(readConfig('{"a": "NaN and \\"Infinity", "b": -1}').values).toEqual({ a: 'NaN and "Infinity', b: -1 });
    expect(readConfig('{a: .nan, b: -.inf}').values).toEqual({ a: NaN, b: -Infinity });
  });

  test('gives objects of what a registry has', () => {
    const config = readConfig('optimizer: {_target_: adam, rate: 0.5}\nagain: "@optimizer"');
    const made = instantiateConfig(config, { adam: ({ rate }: { rate: number }) => ({ rate }) }) as { optimizer: unknown; again: unknown };
    expect(made.optimizer).toEqual({ rate: 0.5 });
    expect(made.again).toBe(made.optimizer);
  });
});
