export declare function median(values: readonly number[]): number;
export declare function quantile(values: readonly number[], share: number): number;
export declare function bootstrapMedian95(values: readonly number[], resamples?: number): [number, number];
export declare function pairedRatio(ours: readonly number[], theirs: readonly number[]): { ratio: number; ci95: [number, number] };
export declare function seededRandom(seed: number): () => number;
