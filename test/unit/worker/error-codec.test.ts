import { describe, expect, test } from 'vitest';
import { LogError } from '../../../src/core/errors.ts';
import { decodeError, encodeError } from '../../../src/worker/error-codec.ts';

/** There and back through what a port does to a message. */
function across(thrown: unknown): Error {
  return decodeError(structuredClone(encodeError(thrown)));
}

class BatchError extends Error {
  readonly code = 'E_BATCH';
}

describe('an error that crosses between threads', () => {
  test('is a LogError with its code when it was one', () => {
    const error = across(new LogError('device-lost', 'the GPU is gone'));
    expect(error).toBeInstanceOf(LogError);
    expect(error).toMatchObject({ name: 'LogError', code: 'device-lost', message: 'the GPU is gone' });
  });

  test('keeps the stack of the thread that threw', () => {
    const thrown = new LogError('bad-data', 'truncated');
    expect(across(thrown).stack).toBe(thrown.stack);
  });

  test('keeps the class name and the code of a class of the user', () => {
    const error = across(new BatchError('ragged'));
    expect(error.name).toBe('BatchError');
    expect(error).toMatchObject({ message: 'ragged', code: 'E_BATCH' });
    expect(error).not.toBeInstanceOf(LogError);
  });

  test('is of the same class when the language has that class', () => {
    expect(across(new RangeError('too long'))).toBeInstanceOf(RangeError);
    expect(across(new TypeError('no'))).toBeInstanceOf(TypeError);
  });

  test('keeps the name and the number of a DOMException', () => {
    const error = across(new DOMException('full', 'QuotaExceededError'));
    expect(error).toMatchObject({ name: 'QuotaExceededError', message: 'full', code: 22 });
  });

  test('keeps the chain of causes', () => {
    const root = new TypeError('root');
    const error = across(new LogError('store-failed', 'outer', { cause: new BatchError('middle', { cause: root }) }));
    expect(error.cause).toMatchObject({ name: 'BatchError', message: 'middle' });
    expect((error.cause as Error).cause).toMatchObject({ name: 'TypeError', message: 'root' });
  });

  test('keeps the parts of an AggregateError', () => {
    const error = across(new AggregateError([new LogError('bad-tag', 'one'), new RangeError('two')], 'both'));
    expect(error).toBeInstanceOf(AggregateError);
    expect((error as AggregateError).errors).toMatchObject([
      { code: 'bad-tag', message: 'one' },
      { name: 'RangeError', message: 'two' },
    ]);
  });

  test('may be its own cause', () => {
    const thrown: Error & { cause?: unknown } = new Error('round');
    thrown.cause = thrown;
    expect(across(thrown).cause).toMatchObject({ message: 'an error that is already in this chain' });
  });

  test('is cut off where the chain of causes does not end', () => {
    let thrown = new Error('deepest');
    for (let depth = 0; depth < 100; depth++) thrown = new Error(`level ${depth}`, { cause: thrown });
    let count = 0;
    for (let error: unknown = across(thrown); error instanceof Error; error = error.cause) count += 1;
    expect(count).toBe(9);
  });

  test('describes a cause that cannot be cloned', () => {
    const error = across(new LogError('bad-value', 'outer', { cause: () => 1 }));
    expect(error.cause).toMatchObject({ message: 'a function was thrown, which is not an Error' });
  });

  test.each([
    ['a string', 'boom', 'the string "boom" was thrown, which is not an Error'],
    ['undefined', undefined, 'undefined was thrown, which is not an Error'],
    ['null', null, 'null was thrown, which is not an Error'],
    ['a number', 404, '404 was thrown, which is not an Error'],
    ['an object', { status: 404 }, 'the object {"status":404} was thrown, which is not an Error'],
    ['a symbol', Symbol('s'), 'Symbol(s) was thrown, which is not an Error'],
    ['an object with a BigInt', { n: 1n }, 'the object [object Object] was thrown, which is not an Error'],
  ])('describes %s that was thrown in place of an error', (_, thrown, message) => {
    const error = across(thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error.message).toBe(message);
  });

  test('survives an error that cannot be read', () => {
    const hostile = Object.defineProperty(new Error('x'), 'message', {
      get() {
        throw new Error('getter');
      },
    });
    expect(across(hostile).message).toBe('something was thrown that cannot be read (getter)');
  });
});
