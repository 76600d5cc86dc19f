import { defineWords, type Say } from '../core/words.ts';

/** What the store warns of. */
export const storeTexts = {
  unsaved:
    "chunks('{id}'): the thread that writes this run holds points that are not stored, and did not answer in time. They are left out; export again, or in its tab.",
  memory:
    "openStore('{name}'): runs are kept in memory only, because {reason}. Charts and exports work, but runs are gone when this page is closed or reloaded, and other tabs do not see them. Open the page outside a sandboxed frame or private window to keep them.",
  'memory-newer':
    "openStore('{name}'): runs are kept in memory only, because a newer program has changed the database. Charts and exports work, but runs are gone when this page is closed or reloaded, and other tabs do not see them. Reload the page to get the newer program.",
  'no-database': 'there is no IndexedDB here',
  'database-refused': 'the browser refuses it ({cause})',
  waiting:
    "openStore('{name}'): waiting for another tab of this site, which holds an older version of the database or is deleting it. It goes on by itself when that tab is reloaded or closed; nothing is lost.",
  space:
    "{used} of the {room} that the browser gives this page's address are used. When it is full nothing more is stored: export what you want to keep and delete runs that you do not need.",
  listener: 'a listener of store.{call} threw: {error}. It is called again for what comes next; mend it there.',
  lag: 'live charts may lag behind: {error}',
  maintenance: '{error} Runs are stored and can be read all the same; it is tried again later.',
} as const;

/** Says what the store warns of. */
export const sayOfStore: Say<typeof storeTexts> = /* @__PURE__ */ defineWords('store', storeTexts);

/** What a page lacks where it is, for the person in front of it. */
export const placeTexts = {
  sandboxed:
    'This page is shown in a sandboxed frame, so its runs are kept in memory only: save what you want to keep before you close or reload it.',
  'storage-blocked':
    'This browser keeps no data for this page, so its runs are kept in memory only: save what you want to keep before you close or reload it.',
  'newer-database':
    'Another tab runs a newer version of this page, so new runs are kept in memory only here: save what you want to keep, then reload this page to get that version.',
  'tab-in-the-way':
    'Another tab of this site holds an older version of its data: close or reload that tab, and this page goes on by itself.',
  'no-downloads': 'This page is shown in a frame that may not save files: open it in a tab of its own to save your runs.',
  insecure:
    'This address is not secure, so the browser gives this page no WebGPU and no dialogs for saving: it trains without WebGPU and saves files as ordinary downloads. With https:// it has both.',
} as const;

/** Says what a page lacks where it is. */
export const sayOfPlace: Say<typeof placeTexts> = /* @__PURE__ */ defineWords('store', placeTexts);
