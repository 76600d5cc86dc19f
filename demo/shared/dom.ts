/** The element with this id. Throws when the page lacks it: that is a bug of the page. */
export function byId<T extends Element>(id: string, kind: abstract new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`internal: the page has no ${kind.name} with the id ${id}`);
}

/** Makes an element. Text is set as text, never as markup. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Changes text only when it differs, so that screen readers hear changes and not repetitions. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
