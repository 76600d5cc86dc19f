import type { BackendChoice } from 'tabtrain';

/** The networks one can train here. */
export type NetworkName = 'mlp' | 'cnn';

/** Takes the network that suits the backend, unless the person has chosen one; says why in a sentence. */
export function chooseNetwork(
  wish: NetworkName | 'auto',
  backend: BackendChoice | undefined,
): { readonly network: NetworkName; readonly reason: string } {
  if (wish !== 'auto') return { network: wish, reason: `The ${wish.toUpperCase()}, because you chose it.` };
  const isGpu = (backend?.backend === 'webgpu' || backend?.backend === 'webgl') && !backend.isSoftware;
  return isGpu
    ? { network: 'cnn', reason: 'The CNN, because there is a GPU to carry its convolutions.' }
    : { network: 'mlp', reason: 'The MLP, because without a GPU the convolutions of a CNN would take many times longer.' };
}

/** How many test digits an epoch is tested on: all 10,000, or every tenth when there is little to learn from. */
export function testStride(trainingDigits: number): number {
  return trainingDigits >= 10_000 ? 1 : 10;
}
