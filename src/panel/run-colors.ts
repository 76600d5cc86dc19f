import type { RunInfo } from '../core/run-info.ts';

/** One run's colour, for both looks of the panel: the same hue, lighter on a dark ground. */
export interface RunColor {
  readonly light: string;
  readonly dark: string;
}

/**
 * Eight colours that stay apart for readers with red-, green- or blue-blindness (they differ in lightness as well as in hue) and stand out
 * 3 : 1 or better from the panel's ground. The first ones differ the most.
 */
export const palette: readonly RunColor[] = [
  { light: '#3c4dd4', dark: '#7d9bff' },
  { light: '#b25500', dark: '#f48c16' },
  { light: '#12a587', dark: '#6ed279' },
  { light: '#7d2a78', dark: '#c7719a' },
  { light: '#4a80ad', dark: '#a9d5fb' },
  { light: '#9c0f2b', dark: '#d4a7b8' },
  { light: '#8a6cf5', dark: '#8b6df6' },
  { light: '#a18f00', dark: '#e5d52e' },
];

/**
 * Gives each run a colour and leaves it alone from then on, whatever runs come and go. A run with a counted name (`spiral-3`) asks for
 * the colour of its number, any other for one made from its id, so that a reload finds the same colours; whoever asks for a colour in use
 * gets the next one that fewer runs have.
 */
export class RunColors {
  readonly #slots = new Map<string, number>();
  readonly #shown = new Set<string>();
  readonly #uses: number[] = palette.map(() => 0);

  colorOf(run: Pick<RunInfo, 'id' | 'name' | 'project'>): RunColor {
    const slot = this.#slots.get(run.id) ?? this.#leastUsedFrom(wantedSlot(run));
    this.#slots.set(run.id, slot);
    if (!this.#shown.has(run.id)) this.#use(slot, 1);
    this.#shown.add(run.id);
    return palette[slot] ?? { light: '#475569', dark: '#a9b6c8' };
  }

  /** Lets others have the colour of a run that was deleted. Should the run be restored, it has the same colour again. */
  release(runId: string): void {
    const slot = this.#slots.get(runId);
    if (slot !== undefined && this.#shown.delete(runId)) this.#use(slot, -1);
  }

  #use(slot: number, by: number): void {
    this.#uses[slot] = (this.#uses[slot] ?? 0) + by;
  }

  #leastUsedFrom(wanted: number): number {
    const fewest = Math.min(...this.#uses);
    for (let distance = 0; distance < palette.length; distance++) {
      const slot = (wanted + distance) % palette.length;
      if (this.#uses[slot] === fewest) return slot;
    }
    return wanted;
  }
}

function wantedSlot(run: Pick<RunInfo, 'id' | 'name'>): number {
  const counted = /-(\d{1,9})$/.exec(run.name);
  if (counted) return (Number(counted[1]) + palette.length - 1) % palette.length;
  let hash = 2166136261;
  for (let index = 0; index < run.id.length; index++) hash = Math.imul(hash ^ run.id.charCodeAt(index), 16777619);
  return (hash >>> 0) % palette.length;
}
