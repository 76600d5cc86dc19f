import type { Plugin } from 'vite';

/**
 * The pages prove that they need nothing from elsewhere. Only in the build, because Vite's development client injects inline
 * styles and scripts of its own; and not in the starter, which is one page to be copied, its style inside.
 */
export function contentSecurityPolicy(): Plugin {
  const policy = [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    "connect-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: (_html, { path }) =>
      path.startsWith('/starter/')
        ? []
        : [{ tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: policy }, injectTo: 'head-prepend' }],
  };
}
