import type { CustomCallbackArgs } from '@tensorflow/tfjs';

export interface TfjsVis {
  readonly show: {
    fitCallbacks(
      container: HTMLElement | { readonly name: string },
      metrics: readonly string[],
      options?: { readonly callbacks?: readonly string[]; readonly height?: number },
    ): CustomCallbackArgs;
  };
  readonly render: {
    linechart(
      container: HTMLElement | { readonly name: string },
      data: { readonly values: readonly { x: number; y: number }[][]; readonly series: readonly string[] },
      options?: object,
    ): Promise<void>;
  };
}

export declare function loadTfjsVis(): Promise<TfjsVis | undefined>;
