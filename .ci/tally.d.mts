export interface Tally {
  readonly passed: number;
  readonly failed: number;
}
export declare const resultsFolder: string;
export declare function readReport(name: string): unknown;
export declare function fromVitest(report: unknown): Tally;
export declare function fromPlaywright(report: unknown): Tally;
export declare function tallyOf(status: number | null, count?: () => Tally): Tally;
export declare function sum(tallies: readonly Tally[]): Tally;
export declare function line(tally: Tally): string;
