/** The fact of a nested run that holds the name by which its parent has it; exporters make it a folder in that of the parent. */
export const childFact = 'run.child';

/** The fact that holds how many epochs of a run are complete, so that one that continues it knows where it is. */
export const epochsFact = 'run.epochs';

/**
 * The facts that an import notes of a run: the id it had, the source it named itself, whether it is whole, and in runs imported by
 * version 0.1.0 what told its state. They are no part of the run, so archives leave them out.
 */
export const importFacts: ReadonlySet<string> = new Set(['import.run', 'import.state', 'import.source', 'import.incomplete']);

// Names that Windows refuses for a folder, whatever their extension.
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i;

/**
 * Turns any text into a name that can be a folder on every system: characters that Windows refuses, slashes and
 * control characters become `-`; trailing dots and spaces go; at most 80 characters; never empty.
 */
export function folderSafe(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  const cleaned = text.replace(/[<>:"/\\|?*\u0000-\u001f\u007f]+/g, '-').trim();
  const short = [...cleaned]
    .slice(0, 80)
    .join('')
    .replace(/[. ]+$/, '')
    .replace(/^\.+/, '');
  if (short === '') return 'run';
  return reserved.test(short) ? `run-${short}` : short;
}

/** The next free name: `wanted` itself when it is free and was asked for, else `wanted-2`, …; without a wish `project-1`, … */
export function nextRunName(project: string, wanted: string | undefined, taken: ReadonlySet<string>): string {
  if (wanted !== undefined) {
    const name = folderSafe(wanted);
    if (!taken.has(name.toLowerCase())) return name;
    return firstFree(name, 2, taken);
  }
  return firstFree(folderSafe(project), 1, taken);
}

// Folder names on Windows and macOS ignore case, so `taken` holds lower-case names.
function firstFree(stem: string, from: number, taken: ReadonlySet<string>): string {
  let highest = from - 1;
  const prefix = `${stem.toLowerCase()}-`;
  for (const name of taken) {
    if (!name.startsWith(prefix)) continue;
    const tail = name.slice(prefix.length);
    if (/^\d{1,9}$/.test(tail)) highest = Math.max(highest, Number(tail));
  }
  return `${stem}-${highest + 1}`;
}
