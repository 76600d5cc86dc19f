import measurements from 'virtual:measurements';

declare global {
  var measure: (name: string, options: unknown) => Promise<unknown>;
}

globalThis.measure = async (name, options) => {
  const load = measurements[name];
  if (load === undefined) throw new Error(`bench: this page holds no measurement '${name}'.`);
  return (await load()).default(options);
};
