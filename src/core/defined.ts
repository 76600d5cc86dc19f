/** The properties that have a value. */
export function defined<Properties extends object>(
  properties: Properties,
): { readonly [Name in keyof Properties]?: Exclude<Properties[Name], undefined> } {
  // The type follows from what is left out.
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Properties]?: Exclude<Properties[Name], undefined>;
  };
}
