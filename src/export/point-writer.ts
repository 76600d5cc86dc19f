import type { ByteWriter } from '../core/byte-writer.ts';
import { notBefore } from '../formats/tfevents/event.ts';
import type { ScalarEncoder } from '../formats/tfevents/scalar-encoder.ts';
import type { OrderedPoints } from './order-points.ts';
import type { RunScan, ScannedPoints } from './scan-run.ts';

/** Writes a run's points in the order that event files ask for. */
export interface PointWriter {
  /** Wall time of the last event written: wall times never fall within a file. */
  readonly latest: number;
  /** Writes from point `i` on until the piece is full, and returns where to go on. */
  writeFrom(points: ScannedPoints, i: number): number;
  /** Writes what is left of the tags that were sorted, until the piece is full. True when nothing is left. */
  writeRest(): boolean;
}

/** `late` are the sorted points of the scan's unordered tags; they are mixed in by wall time. */
export function createPointWriter(
  scan: RunScan,
  late: OrderedPoints | undefined,
  writer: ByteWriter,
  scalars: ScalarEncoder,
  pieceBytes: number,
  startedAt: number,
): PointWriter {
  let latest = startedAt;
  let lateAt = 0;
  const lateCount = late?.length ?? 0;

  const writeLate = (points: OrderedPoints): void => {
    latest = notBefore(latest, points.wallTime[lateAt]!);
    scalars.write(writer, points.tag[lateAt]!, points.step[lateAt]!, latest, points.value[lateAt]!);
    lateAt += 1;
  };

  return {
    get latest() {
      return latest;
    },
    writeFrom({ tag, step, wallTime, value }, i) {
      while (i < tag.length && writer.length < pieceBytes) {
        const number = tag[i]!;
        if (scan.unordered.has(number)) {
          i += 1;
          continue;
        }
        const time = notBefore(latest, wallTime[i]!);
        if (late !== undefined && lateAt < lateCount && late.wallTime[lateAt]! <= time) {
          writeLate(late);
          continue;
        }
        latest = time;
        scalars.write(writer, number, step[i]!, time, value[i]!);
        i += 1;
      }
      return i;
    },
    writeRest() {
      while (late !== undefined && lateAt < lateCount && writer.length < pieceBytes) writeLate(late);
      return lateAt >= lateCount;
    },
  };
}
