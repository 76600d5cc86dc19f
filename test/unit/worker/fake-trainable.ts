import type { FitResult, FitSession, Trainable } from '../../../src/core/trainable.ts';

/** Makes steps of no work, yields after each, and tells what a real loop tells. */
export class FakeTrainable implements Trainable {
  readonly hyperparameters: { readonly optimizer: string } = { optimizer: 'none' };
  readonly lr: number;
  readonly #stepsPerEpoch: number;
  isDisposed = false;
  steps = 0;

  constructor(lr: number, stepsPerEpoch: number) {
    this.lr = lr;
    this.#stepsPerEpoch = stepsPerEpoch;
  }

  async fit({ run, control, emit, maxEpochs = 1 }: FitSession): Promise<FitResult> {
    let lr = this.lr;
    for (let epoch = 0; epoch < maxEpochs; epoch++) {
      for (let inEpoch = 0; inEpoch < this.#stepsPerEpoch; inEpoch++) {
        await control.whenReady();
        if (control.shouldStop) return { status: 'stopped', step: this.steps, epoch };
        lr = control.takeSettings()?.['lr'] ?? lr;
        const metrics = { 'train/loss/step': 1 / (1 + this.steps), 'train/lr': lr };
        run.log(metrics);
        await run.endStep();
        this.steps += 1;
        emit('step', { runId: run.id, step: this.steps, epoch, metrics });
        await macrotask();
      }
      emit('epoch', { runId: run.id, step: this.steps, epoch, metrics: await run.endEpoch() });
    }
    return { status: 'finished', step: this.steps, epoch: maxEpochs };
  }

  dispose(): void {
    this.isDisposed = true;
  }
}

/** One turn of the event loop, so that messages of the page get in. */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}
