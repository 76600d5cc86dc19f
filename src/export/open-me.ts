import { manifestName } from '../formats/archive/manifest.ts';

const listed = 40;

/** The text that lies beside exported files: how to open them in TensorBoard and pandas, and what they are. */
export function openMe(paths: readonly string[]): string {
  const events = paths.filter((path) => /[^/]*tfevents[^/]*$/.test(path));
  const tables = paths.filter((path) => /(^|\/)metrics[^/]*\.csv$/.test(path));
  const parts = ['Training logs, exported by tabtrain.', 'Unpack the archive, open a terminal in the folder that holds this file.'];
  if (events.length > 0) parts.push(tensorboardPart);
  if (tables[0] !== undefined) parts.push(tablePart(tables[0]));
  else if (events[0] !== undefined) parts.push(eventsPart(events[0]));
  if (paths.some((path) => path.endsWith(manifestName))) parts.push(archivePart);
  const more = paths.length > listed ? `\n  … and ${paths.length - listed} more` : '';
  parts.push(
    `What is inside:\n${paths
      .slice(0, listed)
      .map((path) => `  ${path}`)
      .join('\n')}${more}`,
  );
  return `${parts.join('\n\n')}\n`;
}

const tensorboardPart = `TensorBoard
  pip install tensorboard
  tensorboard --logdir . --samples_per_plugin scalars=1000000
  Then open the address that it prints. Each folder is one run. Without the second option TensorBoard
  draws 1,000 points of each curve and leaves the others out.`;

const archivePart = `Archive
  Do not unpack it to open it again: the zip as it is can be imported into any page made with tabtrain,
  importArchive(store, file) of 'tabtrain/import'.`;

function tablePart(path: string): string {
  return `pandas (pip install pandas)
  import pandas as pd
  df = pd.read_csv(${pythonText(path)}, float_precision='round_trip')
  print(df.groupby(['run', 'tag']).value.agg(['count', 'min', 'max']))`;
}

function eventsPart(path: string): string {
  const folder = path.slice(0, path.lastIndexOf('/') + 1) || '.';
  return `pandas (pip install tensorboard pandas)
  import pandas as pd; from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
  events = EventAccumulator(${pythonText(folder)}, {'tensors': 0}).Reload()
  df = pd.DataFrame([(tag, e.step, e.wall_time, e.tensor_proto.float_val[0]) for tag in events.Tags()['tensors'] for e in events.Tensors(tag) if e.tensor_proto.float_val], columns=['tag', 'step', 'wall_time', 'value'])`;
}

function pythonText(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
