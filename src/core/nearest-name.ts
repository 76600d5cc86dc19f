/** The name that was meant: the same but for case and underscores, or but for one letter; undefined when none is that near. */
export function nearestName(name: string, names: Iterable<string>): string | undefined {
  const plain = bare(name);
  for (const other of names) if (isNear(plain, bare(other))) return other;
  return undefined;
}

function bare(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}

function isNear(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (long.length - short.length > 1) return false;
  let i = 0;
  while (i < short.length && short[i] === long[i]) i += 1;
  const rest = short.slice(i);
  if (short.length < long.length) return rest === long.slice(i + 1);
  // One letter wrong, or two exchanged.
  return rest.slice(1) === long.slice(i + 1) || (rest.slice(2) === long.slice(i + 2) && rest[0] === long[i + 1] && rest[1] === long[i]);
}
