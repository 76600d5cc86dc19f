export interface PointRecord {
  readonly run: string;
  readonly tag: string;
  readonly step: number;
  readonly epoch: number;
  readonly wallTime: number;
  readonly value: number;
}

/** False when the peers of the benchmark are not installed. */
export declare const isInstalled: boolean;

export declare function openPoints(name: string): Promise<{
  put(points: readonly PointRecord[]): Promise<unknown>;
  count(): Promise<number>;
  close(): void;
}>;
