import { afterEach, expect, test } from 'vitest';
import { setLanguage } from '../../../src/index.ts';
import { german } from '../../../src/languages/de.ts';
import { deleteStore, openStore } from '../../../src/store/index.ts';
import { connectTrainer } from '../../../src/worker/index.ts';
import type { api } from './fixtures/full.worker.ts';

afterEach(() => setLanguage());

test.each(['before it is connected', 'after it is connected'])('a worker warns in the language that its page sets %s', async (when) => {
  const name = crypto.randomUUID();
  const store = await openStore(name);
  const worker = new Worker(new URL('./fixtures/full.worker.ts', import.meta.url), { type: 'module' });
  if (when.startsWith('before')) setLanguage(german);
  const trainer = connectTrainer<typeof api>(worker, { store });
  const told: string[] = [];
  trainer.on('alert', ({ title, text }) => told.push(`${title}: ${text}`));
  trainer.on('error', () => {});
  if (when.startsWith('after')) {
    // An answer: the connection stands.
    await trainer.call('makeRoom').catch(() => undefined);
    setLanguage(german);
  }

  await trainer.fit({ config: { steps: 50 } });
  await expect.poll(() => told.join()).toMatch(/Warnung: 100 Punkte des Laufs .* konnten nicht gespeichert werden/);

  await trainer.call('makeRoom');
  await store.close();
  await trainer.close({ terminate: true });
  await deleteStore(name);
});
