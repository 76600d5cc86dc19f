import { expect, test } from 'vitest';
import { LogError } from '../../../src/core/errors.ts';
import { loadChart } from '../../../src/panel/load-chart.ts';

test('without Chart.js the error names the install command and keeps the cause', async () => {
  const cause = new TypeError("Failed to resolve module specifier 'chart.js'");
  const error = await loadChart(() => Promise.reject(cause)).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LogError);
  expect(error).toMatchObject({ code: 'missing-peer', cause });
  expect(String(error)).toContain('npm install chart.js');
});

test('with Chart.js the chart is there', async () => {
  expect(typeof (await loadChart()).LineChart).toBe('function');
});
