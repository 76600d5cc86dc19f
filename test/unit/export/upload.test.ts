/// <reference types="node" />
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RequestParts } from '../../../src/core/send-request.ts';
import type { ExportFile } from '../../../src/export/index.ts';
import { upload, type UploadOptions, type UploadProgress, type UploadResult } from '../../../src/export/upload.ts';
import { readZip } from '../../e2e/support/read-zip.ts';
import { manualTimer } from '../core/manual-timer.ts';

interface Came {
  readonly method: string;
  readonly path: string;
  readonly type: string | undefined;
  readonly body: Buffer;
}

let server: Server;
let url: string;
let came: Came[];
/** Statuses of the answers to come; then 204. 0 closes the connection. */
let plans: (number | Readonly<Record<string, string>>)[];
let time: ReturnType<typeof manualTimer>;

beforeEach(async () => {
  came = [];
  plans = [];
  time = manualTimer();
  server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      came.push({ method, path, type: headers['content-type'], body: Buffer.concat(pieces) });
      const plan = plans.shift() ?? 204;
      if (plan === 0) request.socket.destroy();
      else if (typeof plan === 'number') response.writeHead(plan).end();
      else response.writeHead(503, plan).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/in?key=1`; // a TCP server has one once it listens
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function file(path: string, ...texts: readonly string[]): ExportFile {
  return {
    path,
    bytes: {
      async *[Symbol.asyncIterator]() {
        for (const text of texts) yield new TextEncoder().encode(text);
      },
    },
  };
}

const two = [file('spiral-1/loss.csv', 'a,b\n', '1,2\n'), file('spiral 2/é.csv', 'x')];
const parts = (): RequestParts => ({ fetch, timer: time.timer, now: () => 0, random: () => 0 });
const send = (options: UploadOptions = {}): Promise<UploadResult> => upload(two, url, options, parts());

test('each file goes to its path below the address, and the way is told', async () => {
  const told: UploadProgress[] = [];
  await expect(send({ onProgress: (progress) => told.push(progress), headers: { 'X-Class': '7b' } })).resolves.toEqual({
    files: 2,
    bytes: 9,
  });
  expect(came.map(({ method, path, body }) => [method, path, body.toString()])).toEqual([
    ['POST', '/in/spiral-1/loss.csv?key=1', 'a,b\n1,2\n'],
    ['POST', '/in/spiral%202/%C3%A9.csv?key=1', 'x'],
  ]);
  expect(told.map(({ path, phase, files, bytes }) => `${path} ${phase} ${files} ${bytes}`)).toEqual([
    ...['making 0 0', 'sending 0 0', 'sent 1 8'].map((text) => `spiral-1/loss.csv ${text}`),
    ...['making 1 8', 'sending 1 8', 'sent 2 9'].map((text) => `spiral 2/é.csv ${text}`),
  ]);
});

test('one zip holds all of them', async () => {
  await expect(send({ as: 'zip', method: 'PUT' })).resolves.toMatchObject({ files: 1 });
  expect(came).toMatchObject([{ method: 'PUT', path: '/in?key=1', type: 'application/zip' }]);
  const zip = readZip(came[0]!.body);
  expect([...zip.keys()]).toEqual(['spiral-1/loss.csv', 'spiral 2/é.csv', 'OPEN-ME.txt']);
  expect(zip.get('spiral-1/loss.csv')?.toString()).toBe('a,b\n1,2\n');
});

test('a file that fails for a while is sent again, when the server says or later each time', async () => {
  plans.push(0, 502, { 'Retry-After': '9' });
  const over = send();
  for (const pause of [1000, 2000, 9000]) {
    await vi.waitFor(() => expect(time.waits).toContain(pause));
    await time.pass(pause);
  }
  await expect(over).resolves.toEqual({ files: 2, bytes: 9 });
  expect(came.map(({ body }) => body.toString().length)).toEqual([8, 8, 8, 8, 1]);
});

test('a file that is refused, or fails too often, is named; the key in the address is not', async () => {
  plans.push(204, 403);
  await expect(send()).rejects.toMatchObject({
    code: 'export-failed',
    message: expect.stringMatching(
      /'spiral 2\/é.csv' could not be sent to http:\S+\/in\/spiral%202\/%C3%A9.csv: it answers with status 403\.$/,
    ),
  });
  plans.push(500, 500);
  const over = send({ tries: 2 });
  void over.catch(() => undefined);
  await vi.waitFor(() => expect(time.waits).toContain(1000));
  await time.pass(1000);
  await expect(over).rejects.toThrow(/'spiral-1\/loss.csv' .* status 500/);
});

test('a file that cannot be made is named', async () => {
  const broken: ExportFile = {
    path: 'a.csv',
    bytes: {
      // oxlint-disable-next-line require-yield -- it fails before its first piece
      async *[Symbol.asyncIterator]() {
        throw new Error('run deleted');
      },
    },
  };
  await expect(upload([broken], url)).rejects.toMatchObject({
    code: 'export-failed',
    message: expect.stringContaining("'a.csv': run deleted"),
  });
});

test('it ends when its signal says so, also between two tries', async () => {
  plans.push(500);
  const ending = new AbortController();
  const over = send({ signal: ending.signal });
  void over.catch(() => undefined);
  await vi.waitFor(() => expect(time.waits).toContain(1000));
  ending.abort(new Error('enough'));
  await expect(over).rejects.toThrow('enough');
  await expect(send({ signal: ending.signal })).rejects.toThrow('enough');
  expect(came).toHaveLength(1);
});

test.each<[string, unknown, RegExp]>([
  ['mailto:a@b', {}, /^upload\('…'\): need an address, such as/],
  ['http://ada:s3cret@school.example/in?key=s3cret', {}, /^upload\('http:\/\/school.example\/in'\): .* a user or a password/],
  ['http://a/', { as: 'tar' }, /^upload\({ as: the string "tar" }\): need one of files, zip/],
  ['http://a/', { method: 'GET' }, /need one of POST, PUT/],
  ['http://a/', { credentials: 'yes' }, /need omit, same-origin or include/],
  ['http://a/', { tries: 0 }, /^upload\({ tries: the number 0 }\): need a number above 0/],
  ['http://a/', { tries: NaN }, /need a number above 0/],
  ['http://a/', { timeoutSecs: -1 }, /need a number above 0/],
  ['http://a/', { header: {} }, /no option 'header'\. There are: as, /],
  ['http://a/', { headers: { Authorization: 'Bearer s3cret…' } }, /{ headers }: need an object of headers that can be sent/],
  ['http://a/', null, /\(…, null\): need an object/],
])('what cannot be meant is refused before anything is made, and no secret shown: %s %j', async (address, options, text) => {
  const refused = upload(two, address, options as UploadOptions); // as a program without types may call it
  await expect(refused).rejects.toMatchObject({ code: 'bad-options', message: expect.stringMatching(text) });
  await expect(refused).rejects.toMatchObject({ message: expect.not.stringContaining('s3cret') });
});

test('headers that cannot be made are told of with the file', async () => {
  const headers = (): Record<string, string> => {
    throw new Error('not signed in');
  };
  await expect(send({ headers })).rejects.toMatchObject({
    code: 'export-failed',
    message: "upload(files), 'spiral-1/loss.csv', headers: not signed in",
  });
});

test('where a redirect leads is shown without what may be secret in it', async () => {
  const moved = file('a.csv', 'x');
  const redirected = Object.defineProperties(new Response(null, { status: 200 }), {
    redirected: { value: true },
    url: { value: 'https://school.example/new?key=s3cret' },
  });
  await expect(upload([moved], url, {}, { ...parts(), fetch: async () => redirected })).rejects.toThrow(
    /redirects to https:\/\/school.example\/new\. Give that address/,
  );
});

test('a name that is no whole text is sent with a mark in place of what is missing', async () => {
  await upload([file('x\ud800y/a.csv', 'x')], url, {}, parts());
  expect(came[0]?.path).toBe('/in/x%EF%BF%BDy/a.csv?key=1');
});
