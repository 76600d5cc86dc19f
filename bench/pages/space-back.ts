import { openStore } from 'tabtrain';
import { bigStoreName } from './big-run.ts';

interface Options {
  readonly runId: string;
  /** Share of the disk's bytes that should be free again. */
  readonly share: number;
  readonly mostSeconds: number;
}

export interface SpaceResult {
  /** Seconds from deleting a run until its space was free; null when it was not in time. */
  readonly seconds: number | null;
  /** Bytes on disk by `navigator.storage.estimate()`, before and in the end. */
  readonly before: number;
  readonly after: number;
}

/** Deletes a run and waits until the browser says that its space is free. */
export default async function measure({ runId, share, mostSeconds }: Options): Promise<SpaceResult> {
  const usage = async (): Promise<number> => (await navigator.storage.estimate()).usage ?? 0;
  const store = await openStore(bigStoreName);
  const before = await usage();
  const began = performance.now();
  const passed = (): number => (performance.now() - began) / 1000;
  await store.deleteRun(runId);
  let after = before;
  let seconds: number | null = null;
  while (seconds === null && passed() < mostSeconds) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    after = await usage();
    if (after <= before * (1 - share)) seconds = passed();
  }
  await store.close();
  return { seconds, before, after };
}
