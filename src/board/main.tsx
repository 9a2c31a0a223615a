/** The delivery board: an ordinary frontend of the gateway, which knows its public schema and nothing else of it. */
import { render } from 'preact';
import { App } from './view/app.tsx';

const root = document.getElementById('board');
if (root) render(<App />, root);
