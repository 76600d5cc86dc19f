import { describe, LogError } from './errors.ts';
import type { ResolvedLogOptions } from './log-options.ts';

/** Throws `bad-tag` for a name that cannot be stored, or that has what dataloaders put behind it. */
export function refuseBadName(name: string, { addDataloaderIdx }: ResolvedLogOptions, value: unknown, call: () => string): void {
  if (typeof name !== 'string' || name === '' || name === '__proto__') {
    throw new LogError('bad-tag', `${call()}: the name of ${describe(value)} is ${describe(name)}. Name it, e.g. 'loss'.`);
  }
  if (addDataloaderIdx && name.includes('/dataloader_idx_')) {
    throw new LogError(
      'bad-tag',
      `${call()}: names get '/dataloader_idx_N' by themselves. Leave it out, or pass { addDataloaderIdx: false }.`,
    );
  }
}
