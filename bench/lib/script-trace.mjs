// Milliseconds of JavaScript per frame of a page's main thread, from the browser's own trace. Long animation frames alone
// begin at 50 ms, too coarse for a budget of 16 ms.

const categories = ['devtools.timeline', 'blink.user_timing', 'v8'];
/** What the browser records around every entry into JavaScript, and around what it runs of it by itself. */
const scriptEvents = new Set([
  'FunctionCall',
  'RunMicrotasks',
  'EvaluateScript',
  'v8.callFunction',
  'TimerFire',
  'FireAnimationFrame',
  'MinorGC',
  'MajorGC',
]);

/** Records from now until `stop()`, which gives the milliseconds of each frame that had script between the marks `bench-begin` and `bench-end`. */
export async function recordScripts(page) {
  const session = await page.context().newCDPSession(page);
  const events = [];
  session.on('Tracing.dataCollected', ({ value }) => {
    for (const event of value) if (scriptEvents.has(event.name) || event.name.startsWith('bench-')) events.push(event);
  });
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: categories, excludedCategories: ['*'] },
  });
  return {
    async stop() {
      const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
      await session.send('Tracing.end');
      await complete;
      return framesOf(events);
    },
  };
}

/** Sums the outermost script events of the main thread per frame; frames end at the marks `bench-frame`. */
export function framesOf(events) {
  const begin = events.find(({ name }) => name === 'bench-begin');
  const end = events.find(({ name }) => name === 'bench-end');
  if (begin === undefined || end === undefined) return [];
  const mine = events
    .filter(({ pid, tid, ts }) => pid === begin.pid && tid === begin.tid && ts >= begin.ts && ts <= end.ts)
    .toSorted((a, b) => a.ts - b.ts);
  const frames = [];
  let current = 0;
  let busyUntil = 0;
  for (const { name, ts, dur = 0 } of mine) {
    if (name === 'bench-frame') {
      if (current > 0) frames.push(current / 1000);
      current = 0;
      // The mark stands inside the frame's own callback: what is left of it belongs to the next.
    } else if (scriptEvents.has(name) && ts + dur > busyUntil) {
      current += ts + dur - Math.max(ts, busyUntil);
      busyUntil = ts + dur;
    }
  }
  if (current > 0) frames.push(current / 1000);
  return frames;
}
