import { defineWords, type Say } from '../core/words.ts';

/** What a run warns of. */
export const runTexts = {
  unsaved: {
    one: "{count} point of run '{id}' could not be stored; what was told before says why. It is kept until this page or worker is closed: {advice}.",
    other:
      "{count} points of run '{id}' could not be stored; what was told before says why. They are kept until this page or worker is closed: {advice}.",
  },
  'unsaved-gone': 'export the run now',
  'unsaved-full': 'free space and they are stored, or export the run now',
  'unsaved-records': {
    one: "{count} record of run '{id}' could not be stored; what was told before says why. It is kept until this page or worker is closed: free space and it is stored.",
    other:
      "{count} records of run '{id}' could not be stored; what was told before says why. They are kept until this page or worker is closed: free space and they are stored.",
  },
  'store-stalled': "the store has not answered for {seconds} seconds. Points of run '{id}' are kept until it does; they can be exported.",
  'records-stalled': "the store has not answered for {seconds} seconds. Records of run '{id}' are kept until it does.",
  'points-dropped':
    "the store has refused writes for so long that the oldest points of run '{id}' had to be let go. Free space or export now.",
  'records-dropped':
    '{call}: not kept, as more than {most} MB wait to be stored: {reason}. The same goes for what else is logged under this tag until there is room.',
  'store-refuses': 'the store refuses them; free space or export now',
  'await-step': 'await run.endStep() lets them be stored',
  'no-place': "{call}: not kept, as the run has no store and no logger that takes the kind '{kind}'.",
  'no-engine': '{call}: tensors are read one by one. Start the run with startRun({ engine: tfjsEngine() }) to read hundreds at once.',
} as const;

/** Says what a run warns of. */
export const sayOfRuns: Say<typeof runTexts> = /* @__PURE__ */ defineWords('run', runTexts);
