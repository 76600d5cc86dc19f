import { joinPath, type LogFolder } from './log-folder.ts';

/** Where event files go. */
export interface EventSink {
  /** Each write is a file of its own, so each begins with a header. */
  readonly isRolling: boolean;
  /** Milliseconds until it is worth writing again. */
  restMs(): number;
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  close(): Promise<void>;
}

/** One file into a stream. What fails there fails for good. */
export function streamSink(stream: WritableStream<Uint8Array>): EventSink {
  let writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  return {
    isRolling: false,
    restMs: () => 0,
    async write(bytes) {
      writer ??= stream.getWriter();
      await writer.write(bytes);
    },
    async close() {
      writer ??= stream.getWriter();
      await writer.close();
    },
  };
}

/** Each new file may come when this part of the time since the first has passed: some hundred files a day, however much is logged. */
const shareOfTime = 1 / 50;

/**
 * One small file after the other into a folder. A file that grows would be copied with each write, and TensorBoard's fast loader keeps
 * the old copy open and never sees the new; files whose names rise are found by both of its loaders.
 */
export function rollingSink(folder: LogFolder, place: () => Promise<string>, leastSecs: number): EventSink {
  let first: number | undefined;
  let last = 0;
  let stem: string | undefined;
  let count = 0;

  // Behind all that are there: TensorBoard reads them in the order of their names.
  const begin = async (path: string): Promise<string> => {
    let seconds = Math.floor(Date.now() / 1000);
    for (const name of await folder.list(path)) {
      const there = /^events\.out\.tfevents\.(\d+)\./.exec(name);
      if (there !== null) seconds = Math.max(seconds, Number(there[1]) + 1);
    }
    return `events.out.tfevents.${String(seconds).padStart(10, '0')}.browser.`;
  };

  return {
    isRolling: true,
    restMs() {
      if (first === undefined) return 0;
      const now = Date.now();
      return Math.max(0, last + Math.max(leastSecs * 1000, (now - first) * shareOfTime) - now);
    },
    async write(bytes) {
      last = Date.now(); // a folder that refuses is left alone for as long
      first ??= last;
      const path = await place();
      stem ??= await begin(path);
      await folder.write(joinPath(path, `${stem}${String(count).padStart(6, '0')}.v2`), bytes);
      count += 1;
    },
    async close() {},
  };
}
