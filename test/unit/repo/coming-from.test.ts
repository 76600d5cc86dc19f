/// <reference types="node" />
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

// What the page for those who come from another tool says one writes can be written: every piece of code in a right-hand cell compiles.

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** What the cells take for granted. */
const taken = `
import * as tf from '@tensorflow/tfjs';
import type { MetricStore, Run, Trainer } from 'tabtrain';
import { MulticlassAccuracy, MulticlassConfusionMatrix, startRun } from 'tabtrain';
import { csv, download, tfevents } from 'tabtrain/export';
import { CSVLogger, directoryFolder, httpLogger, opfsFolder, TensorBoardLogger } from 'tabtrain/loggers';
import { showPanel, showProgress } from 'tabtrain/panel';
import { fitCallback } from 'tabtrain/fit';
declare const run: Run;
declare const store: MetricStore;
declare const trainer: Trainer;
declare const model: tf.LayersModel;
declare const x: tf.Tensor, y: tf.Tensor, tensor: tf.Tensor, predictions: tf.Tensor, labels: tf.Tensor;
declare const values: number[];
declare const samples: Float32Array;
declare const text: string, runId: string;
declare const canvas: HTMLCanvasElement;
declare const element: HTMLElement;
declare const file: File;
declare function drawMyChart(epoch: number, logs?: object): void;
declare function showDirectoryPicker(options: { mode: 'readwrite' }): Promise<FileSystemDirectoryHandle>;
`;

interface Piece {
  /** Of the page. */
  readonly line: number;
  readonly code: string;
}

/** The code of the last column of all tables, heads left out. */
function piecesOf(text: string): Piece[] {
  return text.split('\n').flatMap((row, i) => {
    const [, , right] = row.split(/ ?\| ?/);
    if (right === undefined || right === 'you write') return [];
    return [...right.matchAll(/`([^`]+)`/g)].map(([, code = '']) => ({ line: i + 1, code }));
  });
}

/** The errors of the compiler as `line: message`. */
function errorsIn(pieces: readonly Piece[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'tabtrain-coming-'));
  try {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
    for (const [i, { code }] of pieces.entries()) {
      // In a block of its own, so that it may give its own names again.
      writeFileSync(join(folder, `piece-${i}.ts`), `${taken}\n{\n${code};\n}\nexport {};\n`);
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: join(root, 'tsconfig.json'), include: ['*.ts'] }));
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], { cwd: folder, encoding: 'utf8' });
    return [...stdout.matchAll(/^(?:piece-(\d+)\.ts)?.*error (TS\d+: .*)$/gm)].map(([whole, i, message = '']) =>
      i === undefined ? whole : `${pieces[Number(i)]?.line}: ${message}`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('what one writes instead compiles', () => {
  const pieces = piecesOf(readFileSync(join(root, 'docs/coming-from.md'), 'utf8'));
  expect(pieces.length).toBeGreaterThan(45);
  const planted = { line: 0, code: "run.log({ loss: 'low' })" };
  const errors = errorsIn([planted, ...pieces]);
  expect(errors.filter((error) => !error.startsWith('0: '))).toEqual([]);
  expect(errors).toEqual([expect.stringMatching(/^0: TS\d+/)]);
});
