import { logEverything } from './log-everything.ts';

addEventListener('message', ({ data }: MessageEvent<string>) => {
  logEverything(data).then(
    (runId) => postMessage({ runId }),
    (thrown: unknown) => postMessage({ problem: String(thrown) }),
  );
});
