import { afterEach, expect, test } from 'vitest';
import { MeanMetric, setLanguage, startRun, type Warning } from '../../../src/index.ts';
import { german } from '../../../src/languages/de.ts';

afterEach(() => setLanguage());

test('a run and a metric warn in German, under the same keys', async () => {
  setLanguage(german);
  const told: Warning[] = [];
  const onWarning = (warning: Warning): unknown => told.push(warning);
  const run = await startRun({ project: 'p', store: false, onWarning });
  run.log('loss', 1);
  run.log('loss', 2);
  await run.finish();
  await new MeanMetric({ onWarning }).compute();
  expect(told).toEqual([
    {
      key: 'repeated:loss',
      text: expect.stringMatching(/^run\.log\('loss'\): zweimal in Schritt 0 geloggt; der letzte Wert zählt\./),
    },
    {
      key: 'MeanMetric compute',
      text: 'MeanMetric: compute() wurde vor dem ersten update() aufgerufen, der Wert sagt also nichts. Vorher update() aufrufen.',
    },
  ]);
});

test('a language set later says what comes later', async () => {
  const told: string[] = [];
  const metric = (): MeanMetric => new MeanMetric({ onWarning: ({ text }) => told.push(text) });
  await metric().compute();
  setLanguage(german);
  await metric().compute();
  expect(told).toEqual([expect.stringContaining('was called before'), expect.stringContaining('wurde vor dem ersten')]);
});
