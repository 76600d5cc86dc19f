import type { Config } from '../core/run-info.ts';
import { toYaml } from '../formats/yaml.ts';
import { joinPath, type LogFolder } from './log-folder.ts';
import type { VersionFolder } from './version-folder.ts';

/** The `hparams.yaml` of a version. */
export interface HparamsFile {
  /** Adds hyperparameters; those of the same name are replaced. */
  add(params: Config): void;
  /** Writes them, if there are new ones since the last time. */
  write(): Promise<void>;
}

/** Makes a {@link HparamsFile}. It is written anew with each change, while Lightning's TensorBoardLogger keeps the first. */
export function createHparamsFile(folder: LogFolder, place: VersionFolder): HparamsFile {
  let hparams: Config = {};
  let written: string | undefined;
  let isKnown = false;
  return {
    add(params) {
      hparams = { ...hparams, ...params };
      isKnown = true;
    },
    async write() {
      if (!isKnown) return;
      const text = toYaml(hparams);
      if (text === written) return;
      await folder.write(joinPath(await place.path(), 'hparams.yaml'), new TextEncoder().encode(text));
      written = text;
    },
  };
}
