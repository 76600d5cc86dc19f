import type { TensorState } from './device-state.ts';
import { readTensors } from './read-tensors.ts';

interface Request {
  readonly states: readonly TensorState[];
  readonly resolve: (values: Float64Array[]) => void;
  readonly reject: (thrown: unknown) => void;
}

/** Reads what is asked for in one turn together. */
export class SharedReader {
  #requests: Request[] = [];

  read(states: readonly TensorState[]): Promise<Float64Array[]> {
    // Their owner may release them before they are read.
    const copies = states.map((state) => state.copy());
    return new Promise((resolve, reject) => {
      if (this.#requests.length === 0) queueMicrotask(() => void this.#readAll());
      this.#requests.push({ states: copies, resolve, reject });
    });
  }

  async #readAll(): Promise<void> {
    const requests = this.#requests;
    this.#requests = [];
    const states = requests.flatMap((request) => request.states);
    try {
      const parts = await readTensors(states.flatMap(({ tensors }) => tensors));
      let next = 0;
      for (const { states: asked, resolve, reject } of requests) {
        const values = asked.map((state) => ({ state, parts: parts.slice(next, (next += state.tensors.length)) }));
        try {
          resolve(values.map((value) => value.state.decode(value.parts)));
        } catch (thrown) {
          reject(thrown);
        }
      }
    } catch (thrown) {
      for (const { reject } of requests) reject(thrown);
    } finally {
      for (const state of states) state.release();
    }
  }
}
