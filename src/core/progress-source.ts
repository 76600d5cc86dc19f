import type { TrainProgress } from './train-events.ts';

/** Anything that tells how far it is: a `Trainer` in this thread, or one that `connectTrainer` holds. */
export interface ProgressSource {
  /** Gives back its undo. */
  on(name: 'progress', listener: (progress: TrainProgress) => void): () => void;
}

/** True when a training is over, one way or another. */
export function hasEnded({ phase }: TrainProgress): boolean {
  return phase === 'finished' || phase === 'stopped' || phase === 'failed';
}

/** Says which loop a bar belongs to: the same as long as the same batches are gone through. */
export function loopOf({ bar, epoch }: TrainProgress): string {
  return bar === undefined ? `${epoch}` : `${epoch} ${bar.stage} ${bar.stage === 'train' ? '' : (bar.dataloaderIdx ?? 0)}`;
}
