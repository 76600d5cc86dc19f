import measurements from 'virtual:measurements';

declare global {
  var measure: (name: string, options: unknown) => Promise<unknown>;
  /** What the measurement that the address asks for will give. */
  var measured: Promise<unknown> | undefined;
}

globalThis.measure = async (name, options) => {
  const load = measurements[name];
  if (load === undefined) throw new Error(`bench: this page holds no measurement '${name}'.`);
  return (await load()).default(options);
};

// Some measurements begin with the page.
const asked = new URLSearchParams(location.search);
const name = asked.get('measure');
if (name !== null) globalThis.measured = globalThis.measure(name, JSON.parse(asked.get('options') ?? '{}'));
