// What the figures were measured on, without anything that names the machine or its owner.
import { availableParallelism, cpus, totalmem } from 'node:os';

export function describeMachine(browserVersion) {
  const model = (cpus()[0]?.model ?? 'unknown processor')
    .replace(/\((R|TM)\)/gi, '')
    .replace(/\s+/g, ' ')
    .trim();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${availableParallelism()} cores (${model}), ${memory} GiB, ${process.platform} ${process.arch}, Chromium ${browserVersion}, GPU: software (SwiftShader), Node ${process.versions.node}`;
}
