export declare const chromiumArgs: readonly string[];
export declare function findChromium(env?: Readonly<Record<string, string | undefined>>, platform?: string): string | undefined;
export declare function chromiumLaunchOptions(): { args: string[]; executablePath?: string; channel?: 'chromium' };
