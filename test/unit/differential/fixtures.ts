/// <reference types="node" />
import { readFileSync } from 'node:fs';

/** A value of a fixture. Numbers that JSON has no word for are strings: `NaN`, `Infinity`, `-Infinity`. */
export type Kept = null | boolean | number | string | readonly Kept[] | { readonly [key: string]: Kept };

/** Reads the cases of a fixture, one by one as its generator wrote them. */
export function readCases<Case>(name: string): readonly Case[] {
  const text = readFileSync(new URL(`../../fixtures/differential/${name}.json`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly cases: readonly Case[] }).cases; // the generator's own shape
}

/** A number as it was before it was kept. */
export function toNumber(kept: number | string): number {
  return typeof kept === 'number' ? kept : Number(kept);
}

/** The same with numbers in place of the words for them. */
export function restored(kept: Kept): unknown {
  if (kept === 'NaN' || kept === 'Infinity' || kept === '-Infinity') return Number(kept);
  if (Array.isArray(kept)) return kept.map(restored);
  if (typeof kept === 'object' && kept !== null)
    return Object.fromEntries(Object.entries(kept).map(([key, value]) => [key, restored(value)]));
  return kept;
}

/** Python's name for an option or a hook as ours: `num_classes` is `numClasses`. */
export function camelCase(name: string): string {
  return name.replaceAll(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Where two values first differ, in words; undefined when they agree to `tolerance`, relative above 1. NaN agrees with NaN. */
export function difference(ours: unknown, theirs: unknown, tolerance: number, path = ''): string | undefined {
  if (typeof ours === 'number' && typeof theirs === 'number') {
    const isSame = Object.is(ours, theirs) || ours === theirs || Math.abs(ours - theirs) <= tolerance * Math.max(1, Math.abs(theirs));
    return isSame ? undefined : `${path || 'value'}: ours ${ours}, theirs ${theirs}`;
  }
  if (Array.isArray(ours) && Array.isArray(theirs)) {
    if (ours.length !== theirs.length) return `${path || 'list'}: ours has ${ours.length} values, theirs ${theirs.length}`;
    return firstOf(ours.map((value, index) => difference(value, theirs[index], tolerance, `${path}[${index}]`)));
  }
  if (isRecord(ours) && isRecord(theirs)) {
    const [left, right] = [Object.keys(ours).sort(), Object.keys(theirs).sort()];
    if (left.join() !== right.join()) return `${path || 'names'}: ours ${left.join()}, theirs ${right.join()}`;
    return firstOf(left.map((key) => difference(ours[key], theirs[key], tolerance, path === '' ? key : `${path}.${key}`)));
  }
  return ours === theirs ? undefined : `${path || 'value'}: ours ${JSON.stringify(ours)}, theirs ${JSON.stringify(theirs)}`;
}

function firstOf(differences: readonly (string | undefined)[]): string | undefined {
  return differences.find((one) => one !== undefined);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
