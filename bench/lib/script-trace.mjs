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

/** Records from now until `stop()`, which gives each frame that had script between the marks `bench-begin` and `bench-end`. */
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

/**
 * Sums the outermost script events of the main thread per frame; frames end at the marks `bench-frame`. `wall` is how long script
 * held the page up; `cpu` is what of it was not spent waiting for a processor that others used.
 */
export function framesOf(events) {
  const begin = events.find(({ name }) => name === 'bench-begin');
  const end = events.find(({ name }) => name === 'bench-end');
  if (begin === undefined || end === undefined) return [];
  const mine = events
    .filter(({ pid, tid, ts }) => pid === begin.pid && tid === begin.tid && ts >= begin.ts && ts <= end.ts)
    // Of two that begin together the longer one is outside.
    .toSorted((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0));
  const frames = [];
  let frame = { wall: 0, cpu: 0 };
  let busyUntil = 0;
  const close = () => {
    if (frame.wall > 0) frames.push(frame);
    frame = { wall: 0, cpu: 0 };
  };
  for (const { name, ts, dur = 0, tdur = 0 } of mine) {
    if (name === 'bench-frame') close();
    else if (scriptEvents.has(name) && ts >= busyUntil) {
      frame.wall += dur / 1000;
      frame.cpu += tdur / 1000;
      busyUntil = ts + dur;
    }
  }
  close();
  return frames;
}
