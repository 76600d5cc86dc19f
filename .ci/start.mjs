// npm start: installs what is missing, then serves the demos and opens the main one. Arguments go to Vite: npm start -- --port 8080
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

prepare();

const { CI, DISPLAY, WAYLAND_DISPLAY, SSH_CONNECTION } = process.env;
const hasScreen = !CI && !SSH_CONNECTION && (process.platform !== 'linux' || Boolean(DISPLAY || WAYLAND_DISPLAY));
const demo = fileURLToPath(new URL('../demo', import.meta.url));

process.argv.splice(2, 0, demo, '--host', '127.0.0.1', ...(hasScreen ? ['--open', '/mnist/'] : []));
// In this process, so that Ctrl-C and a kill end the server itself.
await import(new URL('../node_modules/vite/bin/vite.js', import.meta.url).href);
