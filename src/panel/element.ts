import type { MetricStore } from '../store/metric-store.ts';
import { MetricsPanel } from './metrics-panel.ts';
import type { PanelOptions, PanelSettings, PanelTheme, XAxis } from './options.ts';

/**
 * Registers `<metrics-panel project="…" store="…" smoothing="0.6" axis="step" theme="auto">`; nothing is registered before it is called.
 * Attributes are the options of `showPanel`; `store` is the name of one, and the property `store` takes a store itself. Calling it again does nothing.
 */
export function defineMetricsPanel(name = 'metrics-panel'): void {
  if (customElements.get(name)) return;
  // Made here and not in the module: where there is no DOM (a worker, a server) the module must still load.
  class MetricsPanelElement extends HTMLElement {
    static readonly observedAttributes: readonly string[] = ['project', 'store', 'smoothing', 'axis', 'theme'];
    #panel: MetricsPanel | undefined;
    #store: MetricStore | undefined;

    /** The panel while the element is in a page. */
    get panel(): MetricsPanel | undefined {
      return this.#panel;
    }

    get store(): MetricStore | undefined {
      return this.#store;
    }

    /** Reads from this store and leaves the attribute `store` aside. */
    set store(store: MetricStore | undefined) {
      this.#store = store;
      this.#restart();
    }

    connectedCallback(): void {
      this.#panel ??= new MetricsPanel(this, this.#options());
      // Custom elements are inline unless told otherwise.
      if (this.style.display === '') this.style.display = 'block';
    }

    disconnectedCallback(): void {
      this.#panel?.destroy();
      this.#panel = undefined;
    }

    attributeChangedCallback(attribute: string): void {
      if (attribute === 'project' || attribute === 'store') this.#restart();
      else this.#panel?.update(this.#settings());
    }

    #restart(): void {
      if (!this.#panel) return;
      this.#panel.destroy();
      this.#panel = new MetricsPanel(this, this.#options());
    }

    #options(): PanelOptions {
      const project = this.getAttribute('project');
      const store = this.#store ?? this.getAttribute('store');
      return { ...this.#settings(), ...(project === null ? {} : { project }), ...(store === null ? {} : { store }) };
    }

    #settings(): PanelSettings {
      const smoothing = this.getAttribute('smoothing');
      // What the attributes say is checked by the panel; a wrong word is its error, not ours.
      const axis = this.getAttribute('axis') as XAxis | null;
      const theme = this.getAttribute('theme') as PanelTheme | null;
      return {
        ...(smoothing === null ? {} : { smoothing: Number(smoothing) }),
        ...(axis === null ? {} : { axis }),
        ...(theme === null ? {} : { theme }),
      };
    }
  }
  customElements.define(name, MetricsPanelElement);
}
