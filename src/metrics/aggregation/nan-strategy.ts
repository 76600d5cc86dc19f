import { describe, LogError } from '../../core/errors.ts';
import type { MetricOptions } from '../metric-base.ts';
import { isNdArray, type NdArray } from '../nd-array.ts';
import { sayOfAggregation } from '../words.ts';

/**
 * What an aggregator does with NaN: throw `bad-metric`, leave it out with or without a warning, count it (`disable`), or count the
 * given number in its place.
 */
export type NanStrategy = 'error' | 'warn' | 'ignore' | 'disable' | number;

export interface AggregatorOptions extends MetricOptions {
  /** Default `warn`. */
  readonly nanStrategy?: NanStrategy;
}

/** Values with the weight of each; none of them is NaN unless the strategy lets it pass. */
export interface Weighted {
  readonly values: ArrayLike<number>;
  readonly weights: ArrayLike<number> | undefined;
}

/** Throws `bad-options` for anything that is no strategy. */
export function checkNanStrategy(strategy: unknown, call: string): NanStrategy {
  if (strategy === undefined) return 'warn';
  if (strategy === 'error' || strategy === 'warn' || strategy === 'ignore' || strategy === 'disable' || typeof strategy === 'number')
    return strategy;
  throw new LogError(
    'bad-options',
    `${call}: nanStrategy is ${describe(strategy)}. Give 'error', 'warn', 'ignore', 'disable' or a number.`,
  );
}

/** The values to aggregate. A value counts as NaN when its weight is; an imputed one has weight 1, as in torchmetrics. */
export function withoutNan(
  value: NdArray,
  weight: NdArray | undefined,
  strategy: NanStrategy,
  call: string,
  warn: (text: string) => void,
): Weighted {
  if (!isNdArray(value))
    throw new LogError('bad-metric', `${call}: got ${describe(value)}. Give a number, an array of numbers or a tensor.`);
  const { values } = value;
  const weights = weight && broadcast(weight, value.shape, call);
  const isNan = (i: number): boolean => Number.isNaN(values[i]) || (weights !== undefined && Number.isNaN(weights[i]));
  if (strategy === 'disable' || !values.some((_, i) => isNan(i))) return { values, weights };
  if (strategy === 'error') throw new LogError('bad-metric', `${call}: got NaN. Log what is finite, or choose another nanStrategy.`);
  if (typeof strategy === 'number') {
    return {
      values: Float64Array.from(values, (number, i) => (isNan(i) ? strategy : number)),
      weights: weights && weights.map((number, i) => (isNan(i) ? 1 : number)),
    };
  }
  if (strategy === 'warn') warn(sayOfAggregation('nan'));
  return { values: Float64Array.from(values).filter((_, i) => !isNan(i)), weights: weights?.filter((_, i) => !isNan(i)) };
}

/** Weights in the shape of the values, by the rule of NumPy: missing and unit axes are repeated. */
function broadcast(weight: NdArray, shape: readonly number[], call: string): Float64Array {
  if (!isNdArray(weight))
    throw new LogError('bad-metric', `${call}: got ${describe(weight)} as weight. Give a number, an array of numbers or a tensor.`);
  const missing = shape.length - weight.shape.length;
  if (missing < 0 || weight.shape.some((size, axis) => size !== 1 && size !== shape[axis + missing])) {
    throw new LogError(
      'bad-metric',
      `${call}: a weight of shape [${weight.shape.join(', ')}] does not go with values of shape [${shape.join(', ')}].`,
    );
  }
  const size = shape.reduce((product, length) => product * length, 1);
  if (weight.values.length === 1 || weight.values.length === size)
    return Float64Array.from({ length: size }, (_, i) => weight.values[weight.values.length === 1 ? 0 : i] ?? NaN);
  return Float64Array.from({ length: size }, (_, flat) => {
    let [rest, stride, at] = [flat, 1, 0];
    for (let axis = shape.length - 1; axis >= missing; axis--) {
      const length = shape[axis] ?? 1;
      const own = weight.shape[axis - missing] ?? 1;
      if (own > 1) at += (rest % length) * stride;
      stride *= own;
      rest = Math.floor(rest / length);
    }
    return weight.values[at] ?? NaN;
  });
}
