declare module 'virtual:measurements' {
  const measurements: Readonly<Record<string, () => Promise<{ default: (options: unknown) => Promise<unknown> }>>>;
  export default measurements;
}

declare module '*?url' {
  const url: string;
  export default url;
}
