import { element, lineSample, nameText } from './dom.ts';
import { formatTime, formatDuration, formatStep, formatValue } from './number-format.ts';
import type { XAxis } from './options.ts';
import { dashOf } from './picture.ts';
import type { Reading } from './readout.ts';
import { sayOfPanel } from './words.ts';

/** Rows beyond this are counted, not listed: a taller list would cover the charts. */
export const tooltipRows = 10;

/** The values under the pointer, as a small table beside it. There is one for all cards. */
export class Tooltip {
  readonly node: HTMLElement = element('div', 'tip');

  constructor() {
    this.node.hidden = true;
    // Screen readers get the same through the panel's status line when charts are read with the keyboard.
    this.node.ariaHidden = 'true';
  }

  /** Shows `readings` beside a point of `within`, in pixels. `more` were left out. */
  show(
    readings: readonly Reading[],
    more: number,
    axis: XAxis,
    place: { readonly x: number; readonly y: number; readonly within: HTMLElement },
  ): void {
    const hasSmoothed = readings.some((reading) => reading.smoothed !== undefined);
    const table = element('table');
    const head = table.createTHead().insertRow();
    head.append(element('th'), element('th', '', sayOfPanel('run')), element('th', '', sayOfPanel('value')));
    if (hasSmoothed) head.append(element('th', 'wide', sayOfPanel('smoothed')));
    head.append(element('th', '', sayOfPanel('step')), element('th', 'wide', sayOfPanel('time')));
    const body = table.createTBody();
    for (const reading of readings) body.append(row(reading, hasSmoothed, axis));
    this.node.replaceChildren(table);
    if (more > 0) this.node.append(element('div', 'more', sayOfPanel('and-more', { count: more })));
    this.node.hidden = false;
    this.#move(place);
  }

  hide(): void {
    this.node.hidden = true;
  }

  #move({ x, y, within }: { readonly x: number; readonly y: number; readonly within: HTMLElement }): void {
    const width = this.node.offsetWidth;
    const height = this.node.offsetHeight;
    const space = 14;
    const isRoomRight = x + space + width <= within.clientWidth;
    const left = isRoomRight ? x + space : Math.max(0, x - space - width);
    const top = Math.max(0, Math.min(y + space, within.clientHeight - height));
    this.node.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }
}

function row({ series, step, wallTime, value, smoothed }: Reading, hasSmoothed: boolean, axis: XAxis): HTMLTableRowElement {
  const { place, color, runName, startedAt } = series;
  const made = element('tr');
  const sample = element('td');
  sample.append(lineSample(color, dashOf(place.stage), place.rhythm === 'epoch', place.stage !== 'train'));
  const name = element('td', 'name');
  name.append(nameText(runName));
  const kind = kindOf(place);
  if (kind) name.append(element('span', 'kind', kind));
  made.append(sample, name, element('td', Number.isFinite(value) ? 'number strong' : 'number strong odd', formatValue(value)));
  if (hasSmoothed) made.append(element('td', 'number wide', smoothed === undefined ? '' : formatValue(smoothed)));
  const time = axis === 'wall' ? formatTime(wallTime) : formatDuration(wallTime - startedAt);
  made.append(element('td', 'number', formatStep(step)), element('td', 'number wide', time));
  return made;
}

/** `train`, `val epoch` …: which line of a run this is, in words. */
export function kindOf(place: { readonly stage: string; readonly rhythm: string }): string {
  return [stageText(place.stage), place.rhythm === 'epoch' ? sayOfPanel('epoch') : ''].filter(Boolean).join(' ');
}

/** A stage in words; empty for none. */
export function stageText(stage: string): string {
  return stage === 'train' || stage === 'val' || stage === 'test' ? sayOfPanel(stage) : stage;
}

/** The same values as one sentence, for people who do not see the table. */
export function sentenceOf(readings: readonly Reading[], more: number): string {
  const parts = readings.map(({ series, value, step }) => {
    const name = [series.runName, kindOf(series.place)].filter(Boolean).join(' ');
    return sayOfPanel('value-at', { name, value: formatValue(value), step: formatStep(step) });
  });
  if (more > 0) parts.push(sayOfPanel('and-more', { count: more }));
  return parts.join('; ');
}
