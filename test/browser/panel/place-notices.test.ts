import { openDB } from 'idb';
import { expect, onTestFinished, test } from 'vitest';
import { german } from '../../../src/languages/de.ts';
import { setLanguage, showPanel } from '../../../src/panel/index.ts';
import { deleteStore, openStore } from '../../../src/store/index.ts';

test('what the page lacks is a quiet line that follows what is found and the language, and can be put away in all panels', async () => {
  const name = crypto.randomUUID();
  const places = [document.createElement('div'), document.createElement('div')];
  document.body.append(...places);
  const lines = (): (string | undefined)[][] =>
    places.map((place) =>
      [...(place.firstElementChild?.shadowRoot?.querySelectorAll('.places p') ?? [])].map(
        ({ firstChild }) => firstChild?.textContent ?? undefined,
      ),
    );
  const first = showPanel(places[0]!, { store: name });
  await first.ready;
  onTestFinished(async () => {
    setLanguage();
    await deleteStore(name);
  });
  expect(lines()).toEqual([[], []]);

  // A tab with another version of the database holds it while this page opens the store.
  const other = crypto.randomUUID();
  const older = await openDB(`tabtrain:${other}`, 1);
  const opening = openStore(other, { onWarning: () => {} });
  await expect.poll(lines).toEqual([[expect.stringMatching(/^Another tab of this site holds an older version/)], []]);
  setLanguage(german);
  expect(lines()[0]).toEqual([expect.stringMatching(/^Ein anderer Tab dieser Website/)]);
  setLanguage();
  const second = showPanel(places[1]!, { store: name });
  expect(lines()[1]).toEqual(lines()[0]);

  const button = places[0]!.firstElementChild!.shadowRoot!.querySelector<HTMLButtonElement>('.places button')!;
  expect(button.ariaLabel).toBe('Dismiss this note');
  button.click();
  expect(lines()[0]).toEqual([]);
  older.close();
  await (await opening).close();
  expect(lines()).toEqual([[], []]);
  first.destroy();
  second.destroy();
  for (const place of places) place.remove();
  await deleteStore(other);
});
