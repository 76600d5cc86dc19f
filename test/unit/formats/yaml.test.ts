/// <reference types="node" />
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Config } from '../../../src/core/run-info.ts';
import { toYaml } from '../../../src/formats/yaml.ts';

const fixture = (name: string): string => readFileSync(new URL(`../../fixtures/hparams/${name}`, import.meta.url), 'utf8');

test('hyperparameters are written as PyYAML writes them', () => {
  expect(toYaml(JSON.parse(fixture('params.json')) as Config)).toBe(fixture('hparams.yaml'));
});

test('no hyperparameters are an empty map', () => {
  expect(toYaml({})).toBe('{}\n');
});

test('numbers that are not finite have the signs of YAML', () => {
  expect(toYaml({ a: NaN, b: Infinity, c: -Infinity, d: -0 })).toBe('a: .nan\nb: .inf\nc: -.inf\nd: -0.0\n');
});
