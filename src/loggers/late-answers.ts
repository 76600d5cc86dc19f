import { isPromise } from '../core/is-promise.ts';

/** Hears what verbs that were written as async functions answer, for a logger that passes them on. */
export interface LateAnswers {
  /** Takes what a verb has given back, be it a promise or nothing. `inWords` makes the error that is told. */
  hear(answer: unknown, inWords?: (thrown: unknown) => unknown): void;
  /** Resolves when all that was heard has been answered, with the errors since the last time. */
  errors(): Promise<readonly unknown[]>;
}

/** Makes {@link LateAnswers}. */
export function createLateAnswers(): LateAnswers {
  const open = new Set<Promise<unknown>>();
  let errors: unknown[] = [];
  return {
    hear(answer, inWords = (thrown) => thrown) {
      if (!isPromise(answer)) return;
      const heard = Promise.resolve(answer)
        .catch((thrown: unknown) => errors.push(inWords(thrown)))
        .finally(() => open.delete(heard));
      open.add(heard);
    },
    async errors() {
      await Promise.all(open);
      const told = errors;
      errors = [];
      return told;
    },
  };
}
