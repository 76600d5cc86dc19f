import { expect, test } from 'vitest';
import { httpLogger } from '../../../src/loggers/index.ts';
import { startRun } from '../../../src/run/index.ts';
import { PageLoggers } from '../../../src/worker/page-loggers.ts';
import { describeLoggers, serveLoggers } from '../../../src/worker/serve-loggers.ts';
import { startLogServer } from './log-server.ts';

test('a logger of the page sends what a run in a worker logs, to its end', async () => {
  const server = await startLogServer();
  const { port1, port2 } = new MessageChannel();
  const loggers = [httpLogger(server.url)];
  const endService = serveLoggers(port1, loggers);
  const inWorker = new PageLoggers(port2);
  try {
    const run = await startRun({ store: false, loggers: inWorker.make(describeLoggers(loggers)), config: { lr: 0.1 } });
    for (let step = 0; step < 10; step++) run.log({ loss: step }, { step });
    run.logText('note', 'half way');
    await run.finish();
    expect(server.items('metrics').map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(server.items('record')).toMatchObject([{ kind: 'text', tag: 'note' }]);
    expect(server.items('end')).toMatchObject([{ status: 'finished' }]);
    expect(new Set(server.came.map(({ run: { id } }) => id))).toEqual(new Set([run.id]));
    expect(loggers[0]?.unsent).toBe(0);
  } finally {
    inWorker.close();
    endService();
    await server.close();
  }
});
