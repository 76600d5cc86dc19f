export { fitCallback, type FitCallback, type FitCallbackOptions, type FitHandlers, type FitValues } from './fit-callback.ts';
export type { PageTensor, PageTf } from './page-tf.ts';
