import { loadAll } from 'js-yaml';

/** Reads a YAML 1.2 text; undefined when it holds nothing but comments. Throws an `Error` that tells the line, also for several documents. */
export function parseYaml(text: string): unknown {
  const documents: unknown[] = loadAll(text);
  if (documents.length > 1) throw new Error('there are several documents, parted by ---; keep one');
  return documents[0];
}
