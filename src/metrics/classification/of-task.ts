import { describe, LogError } from '../../core/errors.ts';
import type { MulticlassOption, MultilabelOption } from './curve-metric.ts';
import type { Task } from './scores.ts';

/** Two classes. */
export interface BinaryTask {
  readonly task: 'binary';
}

/** Several classes of which each sample has one. */
export interface MulticlassTask extends MulticlassOption {
  readonly task: 'multiclass';
}

/** Several labels of which a sample may have any. */
export interface MultilabelTask extends MultilabelOption {
  readonly task: 'multilabel';
}

/** Classes by task; their options are checked by overloads, and by themselves. */
export type ClassesOfTask = { readonly [Name in Task]?: new (options: never) => unknown };

/** A metric of the class for the task, with the other options. Throws `bad-options` for a task without a class. */
export function ofTask(call: string, { task, ...options }: { readonly task: Task }, classes: ClassesOfTask): unknown {
  const made = Object.hasOwn(classes, task) ? classes[task] : undefined;
  if (made !== undefined) return new made(options as never); // checked by the class
  const tasks = Object.keys(classes).map((name) => `'${name}'`);
  throw new LogError('bad-options', `${call}(): task is ${describe(task)}, need one of ${tasks.join(', ')}.`);
}
