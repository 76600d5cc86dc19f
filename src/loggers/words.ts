import { defineWords, type Say } from '../core/words.ts';

// In parts, as a page seldom takes more than one logger.

/** What event files warn of. */
export const eventTexts = {
  step: 'TensorBoardLogger: {tag} has step {step}; event files hold integers up to {most} only. Points of this tag with such steps are left out.',
  'late-hparams':
    'TensorBoardLogger: hyperparameters came after the first events had been written. TensorBoard keeps those of before; give them to startRun({ config }) to see them there.',
} as const;

/** Says what event files warn of. */
export const sayOfEvents: Say<typeof eventTexts> = /* @__PURE__ */ defineWords('loggers', eventTexts);

/** What tables warn of. */
export const tableTexts = {
  'step-column': "CSVLogger: a value named 'step' has no column of its own: the step of its row stands there.",
  held: 'CSVLogger: the table could not be written for so long that rows are let go, beyond the last {most}.',
} as const;

/** Says what tables warn of. */
export const sayOfTables: Say<typeof tableTexts> = /* @__PURE__ */ defineWords('loggers', tableTexts);
