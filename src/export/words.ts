import { defineWords, type Say } from '../core/words.ts';

/** What exporting tells the person who asked for it. */
export const exportTexts = {
  'no-downloads': 'This page is shown in a frame that may not save files: open it in a tab of its own to save your runs.',
  'perhaps-no-downloads':
    'This page is shown in a sandboxed frame, which may not be allowed to save files: if none appears, open it in a tab of its own.',
} as const;

/** Says what exporting tells. */
export const sayOfExport: Say<typeof exportTexts> = /* @__PURE__ */ defineWords('export', exportTexts);
