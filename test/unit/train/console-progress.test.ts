import { describe, expect, test, vi } from 'vitest';
import type { ProgressSource } from '../../../src/core/progress-source.ts';
import type { BarProgress, TrainPhase, TrainProgress } from '../../../src/core/train-events.ts';
import { consoleProgressBar, type ConsoleProgressOptions } from '../../../src/train/console-progress.ts';

class FakeTrainer implements ProgressSource {
  readonly listeners = new Set<(progress: TrainProgress) => void>();

  on(_name: 'progress', listener: (progress: TrainProgress) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(epoch: number, bar: Partial<BarProgress> & Pick<BarProgress, 'batch'>, phase: TrainPhase = 'training'): void {
    const whole: BarProgress = {
      stage: 'train',
      totalBatches: 4,
      elapsedMs: 1000,
      remainingMs: undefined,
      itPerSec: 2,
      samplesPerSec: undefined,
      metrics: {},
      version: undefined,
      ...bar,
    };
    for (const listener of this.listeners) {
      listener({ phase, step: 0, totalSteps: undefined, epoch, maxEpochs: 2, stepsPerSecond: 0, secondsLeft: undefined, bar: whole });
    }
  }
}

function printed(options: ConsoleProgressOptions = {}): { trainer: FakeTrainer; lines: string[]; undo: () => void } {
  const trainer = new FakeTrainer();
  const lines: string[] = [];
  const undo = consoleProgressBar(trainer, {
    print: (line, stays) => lines.push(`${stays ? 'kept' : 'next'} ${line.replace(/\[.*?it\/s/, '[')}`),
    width: 2,
    ...options,
  });
  return { trainer, lines, undo };
}

describe('the progress bar of the console', () => {
  test('prints each batch it hears of, and keeps the last line of all', () => {
    const { trainer, lines } = printed();
    trainer.tell(0, { batch: 0 });
    trainer.tell(0, { batch: 2 });
    trainer.tell(0, { batch: 4 });
    trainer.tell(1, { batch: 4 });
    trainer.tell(1, { batch: 4, metrics: { loss: 0.5 } }, 'finished');
    expect(lines).toEqual([
      'next Epoch 0:   0%|  | 0/4 []',
      'next Epoch 0:  50%|█ | 2/4 []',
      'next Epoch 0: 100%|██| 4/4 []',
      'next Epoch 1: 100%|██| 4/4 []',
      'kept Epoch 1: 100%|██| 4/4 [, loss=0.500]',
    ]);
  });

  test('keeps a line per epoch and evaluation when asked to', () => {
    const { trainer, lines } = printed({ leave: true });
    trainer.tell(0, { batch: 4 });
    trainer.tell(0, { stage: 'validate', batch: 1, totalBatches: 1, outer: { batch: 4, totalBatches: 4 } });
    trainer.tell(0, { batch: 4, metrics: { val_loss: 0.25 } });
    trainer.tell(1, { batch: 1 });
    trainer.tell(1, { batch: 1 }, 'stopped');
    expect(lines.filter((line) => line.startsWith('kept'))).toEqual([
      'kept Validation DataLoader 0: 100%|██| 1/1 []',
      'kept Epoch 0: 100%|██| 4/4 [, val_loss=0.250]',
      'kept Epoch 1:  25%|▌ | 1/4 []',
    ]);
  });

  test('keeps the line of an epoch whose end came together with the next one', () => {
    const { trainer, lines } = printed({ leave: true });
    trainer.tell(0, { batch: 3 });
    trainer.tell(1, { batch: 1 });
    expect(lines).toContain('kept Epoch 0:  75%|█▌| 3/4 []');
  });

  test('prints only every so many batches, and the last one', () => {
    const { trainer, lines } = printed({ refreshRate: 3 });
    for (let batch = 1; batch <= 4; batch++) trainer.tell(0, { batch });
    for (let batch = 1; batch <= 5; batch++) trainer.tell(1, { batch, totalBatches: undefined });
    expect(lines).toEqual([
      'next Epoch 0:  25%|▌ | 1/4 []',
      'next Epoch 0:  75%|█▌| 3/4 []',
      'next Epoch 0: 100%|██| 4/4 []',
      'next Epoch 1: 1it []',
      'next Epoch 1: 3it []',
    ]);
  });

  test('is quiet with a refresh rate of 0, and after it was undone', () => {
    const off = printed({ refreshRate: 0 });
    expect(off.trainer.listeners.size).toBe(0);
    const { trainer, lines, undo } = printed();
    undo();
    trainer.tell(0, { batch: 1 });
    expect([lines, trainer.listeners.size]).toEqual([[], 0]);
    expect(() => consoleProgressBar(trainer, { refreshRate: 0.5 })).toThrow(expect.objectContaining({ code: 'bad-options' }));
  });

  test('prints to the console unless told otherwise, and does not flood it', () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    const trainer = new FakeTrainer();
    consoleProgressBar(trainer, { everySeconds: 1e6 });
    for (let batch = 1; batch <= 4; batch++) trainer.tell(0, { batch });
    trainer.tell(0, { batch: 4 }, 'finished');
    const lines = log.mock.calls.map(([line]) => String(line).slice(0, 13));
    log.mockRestore();
    expect(lines).toEqual(['Epoch 0:  25%', 'Epoch 0: 100%', 'Epoch 0: 100%']);
  });
});
