import { describe, LogError } from '../core/errors.ts';

// The pickers of the File System Access API are in no TypeScript library: Chrome and Edge have them, others do not.
interface Pickers {
  readonly showSaveFilePicker?: (options: {
    readonly suggestedName: string;
    readonly types: readonly { readonly description: string; readonly accept: Readonly<Record<string, readonly string[]>> }[];
  }) => Promise<FileSystemFileHandle>;
  readonly showDirectoryPicker?: (options: { readonly id: string; readonly mode: 'readwrite' }) => Promise<FileSystemDirectoryHandle>;
}

/** The browser's pickers, as far as it has them. */
export function filePickers(): Pickers {
  return globalThis as Pickers; // optional members, so a browser without them fits too
}

/** True for the error with which a picker tells that the person closed it. */
export function isCancelled(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === 'AbortError';
}

/** True for the error with which a picker tells that it may not open here: no click, or a frame of another site. */
export function isNotAllowed(thrown: unknown): boolean {
  return thrown instanceof DOMException && (thrown.name === 'SecurityError' || thrown.name === 'NotAllowedError');
}

/** An `export-failed` for a write that the system refused. Errors of ours pass as they are. */
export function writeFailed(thrown: unknown, call: string, path: string): LogError {
  if (thrown instanceof LogError) return thrown;
  const found = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : describe(thrown);
  return new LogError(
    'export-failed',
    `${call}: could not write '${path}' (${found}). Check free space and permission, then export again; the runs are still in the store.`,
    {
      cause: thrown,
    },
  );
}
