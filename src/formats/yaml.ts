import { defineScalarTag, dump, floatYaml11Tag, Schema, YAML11_SCHEMA } from 'js-yaml';
import type { Config } from '../core/run-info.ts';
import { pythonFloat } from './python-float.ts';

/**
 * Hyperparameters as PyYAML writes them: block style, keys sorted, lists not indented, floats such as `1.0e-07`. What YAML 1.1 would
 * read as something else (`yes`, `1:30`, `2020-01-01`) is quoted. `{}` for none. Ends with a line end.
 */
export function toYaml(config: Config): string {
  return dump(config, { schema: pythonSchema(), sortKeys: true, seqNoIndent: true, lineWidth: -1, noRefs: true });
}

let schema: Schema | undefined;

function pythonSchema(): Schema {
  schema ??= YAML11_SCHEMA.withTags(defineScalarTag('tag:yaml.org,2002:float', { ...floatYaml11Tag, represent: yamlFloat }));
  return schema;
}

// YAML 1.1 knows a float by its point, and has signs of its own for what is not finite.
function yamlFloat(value: number): string {
  if (!Number.isFinite(value)) return pythonFloat(value).replace(/nan|inf/, '.$&');
  return pythonFloat(value).replace(/^(-?\d)e/, '$1.0e');
}
