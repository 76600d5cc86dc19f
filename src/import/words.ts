import { defineWords, type Say } from '../core/words.ts';

/** What an import tells the person who chose the file. */
export const importTexts = {
  damaged: {
    one: '“{name}” cannot be imported, and nothing of it was. {count} thing is wrong with it:',
    other: '“{name}” cannot be imported, and nothing of it was. {count} things are wrong with it:',
  },
  more: 'and {count} more',
  'no-zip': 'it is no zip file, or a part of it is missing',
  'no-archive': 'there is no archive in it. Export runs as an archive, and import the zip as it is',
  newer: 'it is of version {version} of the format, and this page reads versions up to {known}. Open it in a newer page',
  'too-large': 'it would become {factor} times as large when unpacked, as no archive does',
  missing: '{path} is missing',
  twice: '{path} is in it twice',
  'wrong-size': '{path} has {found} bytes in place of {bytes}',
  'wrong-checksum': '{path} is damaged: its checksum is wrong',
  'not-unpacked': '{path} is damaged: it cannot be unpacked',
  unreadable: '{path} is not as the format has it: {detail}',
  'there-already': 'Run “{name}” is here already. It was left as it is.',
  'older-state': 'Run “{name}” is here already, and has gone on since. It was left as it is.',
  'newer-state': 'Run “{name}” goes on where “{other}” ends, and holds all of it. Both are kept.',
  'other-state': 'Run “{name}” is another state of “{other}”. Both are kept.',
  'other-notes': 'Notes and labels of run “{name}” are others in the file. Those that are here were kept.',
  incomplete: 'Another tab is importing run “{other}”, or was when it was closed. It was imported once more, as “{name}”.',
  'let-go': 'Run “{name}” was let go at once: this store keeps only so many runs, or bytes, and it is among the oldest.',
  'odd-points': {
    one: '{count} point of run “{name}” lies at a step or a time that no training has. Charts with this run may look empty.',
    other: '{count} points of run “{name}” lie at steps or times that no training has. Charts with this run may look empty.',
  },
  'lost-contents': {
    one: '{count} file of run “{name}” was lost before the archive was made.',
    other: '{count} files of run “{name}” were lost before the archive was made.',
  },
  cleaned: 'Run “{name}” was there in part, from an import that was broken off. It was removed.',
  'broken-off': 'Importing “{name}” ended with run “{run}”, and what was there of that run was removed: {reason}',
  'are-in': { one: '{count} run is in: {list}.', other: '{count} runs are in: {list}.' },
  'none-is-in': 'No run is in.',
} as const;

/** Says what an import tells. */
export const sayOfImport: Say<typeof importTexts> = /* @__PURE__ */ defineWords('import', importTexts);
