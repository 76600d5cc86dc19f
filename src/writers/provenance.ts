import type { Json, RunInfo } from '../core/run-info.ts';

type EntityType = 'dataset' | 'model' | 'artifact';

/** Gathers what a run used and made, for W3C PROV documents. */
export class Provenance {
  readonly #entities = new Map<string, { readonly type: EntityType; readonly data: Readonly<Record<string, Json>> }>();
  readonly #params = new Map<string, Json>();
  readonly #metrics = new Map<string, { readonly value: number | undefined; readonly step: number }>();

  entity(name: string, type: EntityType, data: Readonly<Record<string, Json>> = {}): void {
    this.#entities.set(name, { type, data });
  }

  param(name: string, value: Json): void {
    this.#params.set(name, value);
  }

  metric(name: string, value: unknown, step: number): void {
    this.#metrics.set(name, { value: typeof value === 'number' && Number.isFinite(value) ? value : undefined, step });
  }

  /**
   * PROV-JSON (W3C member submission of 24 April 2013): the run is an activity, it used the config and datasets, and generated models,
   * artifacts and metrics. And a picture of the same.
   */
  documents(run: RunInfo): { readonly json: string; readonly svg: string } {
    const activity = `run:${run.id}`;
    const entity: Record<string, unknown> = {
      'run:config': { 'prov:type': 'config', ...prefixed({ ...run.config, ...Object.fromEntries(this.#params) }) },
    };
    const used: Record<string, unknown> = { '_:u0': { 'prov:activity': activity, 'prov:entity': 'run:config' } };
    const generated: Record<string, unknown> = {};
    for (const [name, { type, data }] of this.#entities) {
      const id = `run:${name}`;
      entity[id] = { 'prov:type': type, ...prefixed(data) };
      const relation = { 'prov:activity': activity, 'prov:entity': id };
      if (type === 'dataset') used[`_:u${Object.keys(used).length}`] = relation;
      else generated[`_:g${Object.keys(generated).length}`] = relation;
    }
    for (const [name, { value, step }] of this.#metrics) {
      const id = `run:${name}`;
      entity[id] = { 'prov:type': 'metric', 'run:step': step, ...(value === undefined ? {} : { 'run:value': value }) };
      generated[`_:g${Object.keys(generated).length}`] = { 'prov:activity': activity, 'prov:entity': id };
    }
    const json = {
      prefix: { run: `urn:tabtrain:${run.id}:` },
      entity,
      activity: {
        [activity]: { 'prov:startTime': isoTime(run.startedAt), 'run:project': run.project, 'run:name': run.name },
      },
      agent: { 'run:tabtrain': { 'prov:type': 'prov:SoftwareAgent' } },
      used,
      wasGeneratedBy: generated,
      wasAssociatedWith: { '_:a0': { 'prov:activity': activity, 'prov:agent': 'run:tabtrain' } },
    };
    const inputs = ['config', ...[...this.#entities].filter(([, { type }]) => type === 'dataset').map(([name]) => name)];
    const outputs = [...[...this.#entities].filter(([, { type }]) => type !== 'dataset').map(([name]) => name), ...this.#metrics.keys()];
    return { json: JSON.stringify(json, undefined, 2), svg: picture(run.name, inputs, outputs) };
  }
}

// Names of attributes must be qualified; nested values are JSON text.
function prefixed(data: Readonly<Record<string, Json>>): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      `run:${name}`,
      typeof value === 'object' && value !== null ? JSON.stringify(value) : value,
    ]),
  );
}

function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

const rowHeight = 40;

/** Inputs on the left, the run in the middle, what it made on the right. */
function picture(name: string, inputs: readonly string[], outputs: readonly string[]): string {
  const rows = Math.max(inputs.length, outputs.length, 1);
  const height = rows * rowHeight + 20;
  const middle = height / 2;
  const box = (x: number, y: number, text: string, fill: string, radius: number): string =>
    `<rect x="${x}" y="${y - 14}" width="180" height="28" rx="${radius}" fill="${fill}" stroke="#555"/><text x="${x + 90}" y="${y + 4}" text-anchor="middle">${escaped(text)}</text>`;
  const line = (x1: number, y1: number, x2: number, y2: number): string =>
    `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#555"/>`;
  const at = (i: number, of: number): number => middle + (i - (of - 1) / 2) * rowHeight;
  const parts = [
    ...inputs.flatMap((text, i) => [line(190, at(i, inputs.length), 270, middle), box(10, at(i, inputs.length), text, '#fff3bf', 14)]),
    ...outputs.flatMap((text, i) => [line(450, middle, 530, at(i, outputs.length)), box(530, at(i, outputs.length), text, '#fff3bf', 14)]),
    box(270, middle, name, '#d0ebff', 0),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="720" height="${height}" font-family="sans-serif" font-size="12">${parts.join('')}</svg>`;
}

// Names come from users: they are text, never markup.
function escaped(text: string): string {
  const signs: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return (text.length > 28 ? `${text.slice(0, 27)}…` : text).replace(/[&<>"]/g, (sign) => signs[sign] ?? sign);
}
