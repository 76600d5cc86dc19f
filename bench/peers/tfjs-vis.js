// tfjs-vis as its own guide loads it: one script, one global.
import scriptUrl from '@tensorflow/tfjs-vis/dist/tfjs-vis.umd.min.js?url';

/** Resolves to undefined when the peers of the benchmark are not installed. */
export async function loadTfjsVis() {
  if (scriptUrl === undefined) return undefined;
  if (globalThis.tfvis === undefined) {
    await new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.src = scriptUrl;
      script.onload = resolve;
      script.onerror = () => reject(new Error(`bench: ${scriptUrl} does not load.`));
      document.head.append(script);
    });
  }
  return globalThis.tfvis;
}
