/** A warning that has been given once; `key` names the kind (and often the tag), `text` is for people. */
export interface Warning {
  readonly key: string;
  readonly text: string;
}

/** Gives each warning once per key; further ones of the same key are counted, not repeated. */
export interface Warner {
  (key: string, text: string): void;
  /** How often a key was warned about, told or not. 0 when never. */
  count(key: string): number;
}

/** Makes a {@link Warner}; `tell` defaults to `console.warn`. */
export function createWarner(tell: (warning: Warning) => void = tellConsole): Warner {
  const counts = new Map<string, number>();
  const warnOnce = (key: string, text: string): void => {
    const before = counts.get(key) ?? 0;
    counts.set(key, before + 1);
    if (before > 0) return;
    try {
      tell({ key, text });
    } catch {
      // A listener that throws must not stop what warns it.
      tellConsole({ key, text });
    }
  };
  return Object.assign(warnOnce, { count: (key: string): number => counts.get(key) ?? 0 });
}

function tellConsole({ text }: Warning): void {
  // The one place that prints: a warning nobody can see would be a silent loss.
  console.warn(`tabtrain: ${text}`);
}
