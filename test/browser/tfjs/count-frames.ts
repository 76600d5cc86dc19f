// Imported before TensorFlow.js, which takes hold of `requestAnimationFrame` when it is loaded.
const request = globalThis.requestAnimationFrame;
let frames = 0;
globalThis.requestAnimationFrame = (act) => {
  frames += 1;
  return request.call(globalThis, act);
};

/** How many frames have been asked for. */
export const framesAsked = (): number => frames;
