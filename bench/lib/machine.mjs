// What the figures were measured on, without anything that names the machine or its owner.
import { availableParallelism, cpus, totalmem } from 'node:os';

/** `browserVersion` is left out for rows that need no browser. */
export function describeMachine(browserVersion) {
  const model = (cpus()[0]?.model ?? 'unknown processor')
    .replace(/\((R|TM)\)/gi, '')
    .replace(/\s+/g, ' ')
    .trim();
  const memory = Math.round(totalmem() / 2 ** 30);
  const browser = browserVersion === undefined ? [] : [`Chromium ${browserVersion}`, 'GPU: software (SwiftShader)'];
  return [
    `${availableParallelism()} cores (${model})`,
    `${memory} GiB`,
    `${process.platform} ${process.arch}`,
    ...browser,
    `Node ${process.versions.node}`,
  ].join(', ');
}

/** How much of the processor is taken while this program waits: 0 on a quiet machine. Takes two seconds. */
export async function shareOfBusyCores() {
  const times = () =>
    cpus().reduce(
      ({ idle, all }, { times: core }) => ({ idle: idle + core.idle, all: all + Object.values(core).reduce((sum, ms) => sum + ms, 0) }),
      {
        idle: 0,
        all: 0,
      },
    );
  const before = times();
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const after = times();
  return 1 - (after.idle - before.idle) / (after.all - before.all);
}
