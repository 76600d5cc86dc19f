export interface System {
  readonly platform: string;
  readonly isRoot: boolean;
  readonly osRelease: string;
  readonly hasAptGet: boolean;
}
export interface Installer {
  readonly name: string;
  readonly commands: readonly (readonly string[])[];
}
export declare function nodeProblem(version: string): string | undefined;
export declare function needsInstall(folder: string): boolean;
export declare function chromiumInstallers(system: System): readonly Installer[];
export declare function prepare(options?: { readonly browser?: boolean }): void;
