/// <reference types="node" />
import { expect, type FrameLocator, type Locator, type Page } from '@playwright/test';
import { chromiumLaunchOptions } from '../../../.ci/chromium.mjs';

/** A name for this machine that is no loopback name: to the browser an address in a local network, and so not secure over http. */
export const lanName = 'classroom.test';

const { args, ...launch } = chromiumLaunchOptions();

/** How a browser is started that knows {@link lanName}, and does not try https for it first. */
export const classroomLaunch: typeof launch & { readonly args: string[] } = {
  ...launch,
  args: [...args.map((flag) => flag.replace('=MAP *', `=MAP ${lanName} 127.0.0.1 , MAP *`)), '--disable-features=HttpsUpgrades'],
};

/** The page of `fixtures/places`, as a person uses it, in a tab or in a frame. */
export class ClassPage {
  readonly charts: Locator;
  readonly notes: Locator;
  /** Errors that nobody caught. */
  readonly wrong: string[] = [];
  /** Warnings of ours in the console. */
  readonly warnings: string[] = [];
  readonly #place: Page | FrameLocator;

  constructor(page: Page, place: Page | FrameLocator = page) {
    this.#place = place;
    this.charts = place.locator('#charts canvas');
    this.notes = place.locator('#charts .places p');
    page.on('pageerror', (error) => this.wrong.push(String(error)));
    page.on('console', (message) => {
      if (message.text().startsWith('tabtrain: ')) this.warnings.push(message.text());
    });
  }

  /** Clicks a button and gives what came of it. */
  async press(id: 'here' | 'worker' | 'save' | 'copy' | 'clear'): Promise<string> {
    await this.#place.locator(`#${id}`).click();
    const said = this.#place.locator('#said');
    await expect(said).toHaveText(new RegExp(`^${id}(:| failed)`), { timeout: 30_000 });
    return (await said.textContent()) ?? '';
  }

  /** Names of the runs in the panel, newest first. */
  runs(): Locator {
    return this.#place.locator('#charts label.run .name');
  }

  /** Trains here and in a worker, and sees both runs drawn. */
  async trainBothWays(): Promise<void> {
    expect(await this.press('here')).toBe('here: "finished"');
    expect(await this.press('worker')).toBe('worker: "finished at 8"');
    await expect(this.runs()).toHaveText(['places-2', 'places-1']);
    await expect(this.charts.first()).toBeVisible();
    expect(this.wrong).toEqual([]);
  }
}
