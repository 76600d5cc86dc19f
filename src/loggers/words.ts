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

/** What sending to a server warns of. */
export const httpTexts = {
  offline: 'httpLogger: this device is offline.',
  unreachable: 'httpLogger: {address} cannot be reached.',
  timeout: 'httpLogger: {address} has not answered in time.',
  cors: 'httpLogger: {address} does not let pages of {origin} send to it (CORS). It has to answer with Access-Control-Allow-Origin, and with Access-Control-Allow-Headers: {headers}.',
  csp: 'httpLogger: the Content-Security-Policy of this page forbids sending to {address}. Add it to connect-src.',
  busy: 'httpLogger: {address} cannot take it now (status {status}).',
  headers: 'httpLogger({ headers }) threw: {error}',
  refused: 'httpLogger: {address} refuses (status {status}). Look at its address, and at the headers that it asks for.',
  redirect: 'httpLogger: {address} redirects to {to}, and what is sent can be lost on the way. Give that address.',
  html: 'httpLogger: {address} answers with a web page, so it has not taken anything. Look at the address, and whether one has to sign in there.',
  kept: 'What is logged is kept and sent when that has changed.',
  body: {
    one: 'httpLogger: {address} refuses a batch of one item (status {status}). It is put aside, and offered again when this page is opened next.',
    other:
      'httpLogger: {address} refuses a batch of {count} items (status {status}). It is put aside, and offered again when this page is opened next.',
  },
  memory:
    'httpLogger: what cannot be sent is kept in memory only, because there is no database for it here. It is gone when this page is closed.',
  dropped: {
    one: 'httpLogger: so much waits for {address} that the oldest is let go: one item so far. The runs in the store have everything.',
    other:
      'httpLogger: so much waits for {address} that the oldest is let go: {count} items so far. The runs in the store have everything.',
  },
  record: "httpLogger: the record '{tag}' could not be read and is not sent: {error}",
  left: {
    one: 'httpLogger: one item of run {run} could not be sent to {address} before the run ended. It is kept, and tried again while this page is open and when it is opened next.',
    other:
      'httpLogger: {count} items of run {run} could not be sent to {address} before the run ended. They are kept, and tried again while this page is open and when it is opened next.',
  },
} as const;

/** Says what sending to a server warns of. */
export const sayOfHttp: Say<typeof httpTexts> = /* @__PURE__ */ defineWords('loggers', httpTexts);
