import { LogError } from '../core/errors.ts';

/** What a call on a run that has finished throws. */
export function closedRun(call: string, name: string): LogError {
  return new LogError('closed-run', `${call}: run '${name}' has finished. Log before finish(), or start another run with startRun().`);
}
