/** Puts `host` into `target` with a shadow tree of its own, and gives that its looks. */
export function openShadow(host: HTMLElement, target: HTMLElement, css: string): ShadowRoot {
  // In the document first: one that takes an element over from another document drops its sheets, and takes none made elsewhere.
  target.append(host);
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new (host.ownerDocument.defaultView ?? globalThis).CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  return root;
}
