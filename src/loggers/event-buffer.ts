import { ByteWriter } from '../core/byte-writer.ts';
import type { Metrics, ModelGraph } from '../core/logger.ts';
import type { Config, EndStatus, RunInfo } from '../core/run-info.ts';
import type { Warner } from '../core/warnings.ts';
import { notBefore, type SummaryValue, writeFileVersion, writeSummaryValue } from '../formats/tfevents/event.ts';
import { writeGraph } from '../formats/tfevents/graph.ts';
import { sessionEnd, sessionStart } from '../formats/tfevents/hparams.ts';
import { layoutOf } from '../formats/tfevents/layout.ts';
import { createScalarEncoder, type ScalarEncoder } from '../formats/tfevents/scalar-encoder.ts';
import { createTagNames } from '../formats/tfevents/tags.ts';
import { sayOfEvents } from './words.ts';

const firstBytes = 4096;

/** Makes events of what is logged, in order, and hands them over in pieces. */
export class EventBuffer {
  readonly #isRolling: boolean;
  readonly #warn: Warner;
  readonly #nameOf: (tag: string) => string = createTagNames();
  readonly #names = new Set<string>();
  #writer: ByteWriter = new ByteWriter(firstBytes);
  #scalars: ScalarEncoder = createScalarEncoder();
  #pending = 0;
  #hasHeader = false;
  #isBegun = false;
  /** Wall time of the last event: wall times never fall. */
  #latest = 0;
  /** Wall time at which the piece to come begins. */
  #start = 0;
  /** The run that the events are of, as far as it is known. */
  run: RunInfo | undefined;
  /** For the first piece. */
  hparams: Config | undefined;

  /** `isRolling`: each piece is a file of its own. */
  constructor(isRolling: boolean, warn: Warner) {
    this.#isRolling = isRolling;
    this.#warn = warn;
  }

  /** Events that wait. */
  get pending(): number {
    return this.#pending;
  }

  get bytes(): number {
    return this.#writer.length;
  }

  /** True once a piece was taken: the hyperparameters are written. */
  get hasHeader(): boolean {
    return this.#hasHeader;
  }

  add(metrics: Metrics, step: number, wallTime?: number): void {
    this.#begin(wallTime);
    for (const [tag, value] of Object.entries(metrics)) {
      if (!Number.isSafeInteger(step)) {
        this.#warn(tag, sayOfEvents('step', { tag: JSON.stringify(tag), step: String(step), most: String(Number.MAX_SAFE_INTEGER) }));
        continue;
      }
      const name = this.#nameOf(tag);
      this.#names.add(name);
      this.#scalars.write(this.#writer, this.#scalars.tagNumber(name), step, this.#latest, value);
      this.#pending += 1;
    }
  }

  addGraph(graph: ModelGraph): void {
    this.#begin();
    writeGraph(this.#writer, this.#latest, graph);
    this.#pending += 1;
  }

  /** The end of the session, and the layout of custom scalars: only now are all tags known. */
  addEnd(status: EndStatus, withLayout: boolean): void {
    this.#begin(Date.now() / 1000);
    if (this.hparams !== undefined) this.#addValue(sessionEnd(status, this.#latest));
    if (withLayout && this.#names.size > 0) this.#addValue(layoutOf(this.#names));
  }

  /** Hands over what is pending: a whole file, or the next bytes of the one file. Undefined when there is nothing. */
  take(): Uint8Array<ArrayBuffer> | undefined {
    if (this.#pending === 0) return undefined;
    const events = this.#writer.bytes.subarray(0, this.#writer.length);
    this.#writer = new ByteWriter(firstBytes); // not as large as the last became
    const isFirst = !this.#hasHeader;
    const wallTime = this.#start;
    this.#hasHeader = true;
    this.#pending = 0;
    this.#start = this.#latest;
    if (!isFirst && !this.#isRolling) return events;
    const file = new ByteWriter(1024 + events.length);
    writeFileVersion(file, wallTime, this.run && `tabtrain run ${this.run.id}`);
    if (isFirst && this.hparams !== undefined) {
      writeSummaryValue(file, { wallTime, step: 0 }, sessionStart(this.hparams, this.run?.startedAt ?? wallTime));
    }
    file.raw(events);
    // The next file has to say again what its tags are.
    if (this.#isRolling) this.#scalars = createScalarEncoder();
    return file.take();
  }

  /** Drops what is pending. */
  clear(): void {
    this.#pending = 0;
    this.#writer = new ByteWriter(firstBytes);
  }

  #begin(wallTime: number = this.#latest): void {
    if (!this.#isBegun) {
      this.#isBegun = true;
      const startedAt = this.run?.startedAt ?? Date.now() / 1000;
      // TensorBoard orders and colours runs by the wall time of their first event.
      this.#latest = this.#start = wallTime > 0 && wallTime < startedAt ? wallTime : startedAt;
    }
    this.#latest = notBefore(this.#latest, wallTime);
  }

  #addValue(value: SummaryValue): void {
    writeSummaryValue(this.#writer, { wallTime: this.#latest, step: 0 }, value);
    this.#pending += 1;
  }
}
