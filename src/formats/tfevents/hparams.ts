import type { ByteWriter } from '../../core/byte-writer.ts';
import type { Config, EndStatus } from '../../core/run-info.ts';
import { flattenConfig } from '../flatten-config.ts';
import type { FlatValue } from '../flatten-config.ts';
import { encodeMessage, writeDoubleField, writeMessageField, writeStringField, writeVarintField } from '../protobuf.ts';
import type { SummaryValue } from './event.ts';

const pluginName = 'hparams';

/**
 * The value that makes a run a session of TensorBoard's HPARAMS tab: its hyperparameters, flattened with `/`, and its
 * start in seconds since the Unix epoch. Numbers and booleans keep their type; NaN and infinities become text, because
 * the tab drops or breaks on them as numbers.
 */
export function sessionStart(config: Config, startedAt: number): SummaryValue {
  const pluginContent = encodeMessage((plugin) =>
    writeMessageField(plugin, 3, (start) => {
      for (const [name, value] of flattenConfig(config)) {
        writeMessageField(start, 1, (entry) => {
          writeStringField(entry, 1, name);
          writeMessageField(entry, 2, (part) => writeProtobufValue(part, value));
        });
      }
      writeDoubleField(start, 5, startedAt);
    }),
  );
  return { tag: '_hparams_/session_start_info', pluginName, pluginContent };
}

// google.protobuf.Value; a oneof, so zeros and false are written.
function writeProtobufValue(writer: ByteWriter, value: FlatValue): void {
  if (typeof value === 'boolean') writeVarintField(writer, 4, value ? 1 : 0);
  else if (typeof value === 'number' && Number.isFinite(value)) writeDoubleField(writer, 2, value);
  else writeStringField(writer, 3, String(value));
}

/** How a session ended. `stopped` counts as success: the training did what it was told. */
export function sessionEnd(status: EndStatus, endedAt: number): SummaryValue {
  const pluginContent = encodeMessage((plugin) =>
    writeMessageField(plugin, 4, (end) => {
      writeVarintField(end, 1, status === 'failed' ? 2 : 1);
      writeDoubleField(end, 2, endedAt);
    }),
  );
  return { tag: '_hparams_/session_end_info', pluginName, pluginContent };
}
