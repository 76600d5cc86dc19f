import { expect, test } from 'vitest';
import { LogError } from '../../../src/core/errors.ts';
import { toStoreError } from '../../../src/store/store-error.ts';

test.each([
  { browser: 'Chrome and Safari, quota', name: 'QuotaExceededError', message: '', code: 'store-full' },
  { browser: 'Firefox, quota', name: 'NS_ERROR_DOM_QUOTA_REACHED', message: '', code: 'store-full' },
  { browser: 'Firefox, full disk', name: 'NS_ERROR_FILE_NO_DEVICE_SPACE', message: '', code: 'store-full' },
  {
    browser: 'Firefox, after a failed write',
    name: 'InvalidStateError',
    message: 'A mutation operation was attempted on a database that did not allow mutations.',
    code: 'store-full',
  },
  { browser: 'Chrome, full disk', name: 'UnknownError', message: 'Internal error: no space left on device', code: 'store-full' },
  { browser: 'any, broken off', name: 'AbortError', message: '', code: 'store-failed' },
  { browser: 'any, corrupt', name: 'UnknownError', message: 'Internal error.', code: 'store-failed' },
  { browser: 'any, newer database', name: 'VersionError', message: '', code: 'store-blocked' },
  { browser: 'any, a function in config', name: 'DataCloneError', message: '() => {} could not be cloned', code: 'bad-options' },
])("$browser: $name becomes $code, with the browser's error as its cause", ({ name, message, code }) => {
  const cause = new DOMException(message, name);
  const error = toStoreError(cause, "append(run 'a', chunk 0)");
  expect(error).toMatchObject({ code, cause });
  expect(error.message.startsWith("append(run 'a', chunk 0): ")).toBe(true);
});

test('an error of ours is handed back as it is', () => {
  const error = new LogError('run-not-found', 'gone');
  expect(toStoreError(error, 'x')).toBe(error);
});
