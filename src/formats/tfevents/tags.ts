const reserved = /^(?:_hparams_\/.*|custom_scalars__config__|__run_graph__)$/s;

/**
 * The names under which tags go into an event file. Nearly always the tag itself. Tags that TensorBoard keeps for itself
 * get `logged/` in front; halves of a surrogate pair become U+FFFD, and where that makes two tags equal the later one
 * gets `_2`, `_3`, … behind it.
 */
export function createTagNames(): (tag: string) => string {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  return (tag) => {
    let name = names.get(tag);
    if (name === undefined) {
      const stem = reserved.test(tag) ? `logged/${wellFormed(tag)}` : wellFormed(tag);
      name = stem;
      for (let count = 2; taken.has(name); count++) name = `${stem}_${count}`;
      names.set(tag, name);
      taken.add(name);
    }
    return name;
  };
}

function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\u{fffd}');
}
