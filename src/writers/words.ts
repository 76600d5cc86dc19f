import { defineWords, type Say } from '../core/words.ts';

/** What writers warn of. */
export const writerTexts = {
  begun: 'UnifiedLogger.createLoggerContext(): logging has begun already; the call is passed over. Call destroyLoggerContext() first.',
} as const;

/** Says what writers warn of. */
export const sayOfWriters: Say<typeof writerTexts> = /* @__PURE__ */ defineWords('writers', writerTexts);
