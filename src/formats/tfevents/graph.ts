import type { ByteWriter } from '../../core/byte-writer.ts';
import type { ModelGraph } from '../../core/logger.ts';
import { encodeMessage, writeBytesField, writeDoubleField, writeMessageField, writeStringField, writeVarintField } from '../protobuf.ts';
import { writeRecord } from './record.ts';

/**
 * Writes a model for TensorBoard's *Graphs* tab, as the event's `graph_def`. Of several in one run the tab shows the last. Nodes are
 * grouped by the `/` in their names; attributes are text.
 */
export function writeGraph(writer: ByteWriter, wallTime: number, graph: ModelGraph): void {
  const definition = encodeMessage((part) => {
    for (const { name, op, inputs, attributes = {} } of graph.nodes) {
      writeMessageField(part, 1, (node) => {
        writeStringField(node, 1, name);
        writeStringField(node, 2, op);
        for (const input of inputs) writeStringField(node, 3, input);
        for (const [key, text] of Object.entries(attributes)) {
          writeMessageField(node, 5, (entry) => {
            writeStringField(entry, 1, key);
            writeMessageField(entry, 2, (value) => writeStringField(value, 2, text));
          });
        }
      });
    }
    writeMessageField(part, 4, (versions) => writeVarintField(versions, 1, 22));
  });
  const payload = encodeMessage((event) => {
    writeDoubleField(event, 1, wallTime);
    writeBytesField(event, 4, definition);
  });
  writeRecord(writer, payload);
}
