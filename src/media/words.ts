import { defineWords, type Say } from '../core/words.ts';

/** What pictures and sounds warn of. */
export const mediaTexts = {
  'clamped-floats':
    '{call}: values lie outside 0…1, as which floats are taken. For 0…255 pass a Uint8Array or an int32 tensor. They are clamped.',
  'clamped-integers': '{call}: values lie outside 0…255, as which integers are taken. They are clamped.',
  clipped: '{call}: samples lie outside −1…1. They are clipped; divide by the largest one to keep their shape.',
} as const;

/** Says what pictures and sounds warn of. */
export const sayOfMedia: Say<typeof mediaTexts> = /* @__PURE__ */ defineWords('media', mediaTexts);
