/** Loaded before the gateway: replaces a few words of one of its modules, as `REPLACE_MODULE` says. See ablations.ts. */
import { registerHooks } from 'node:module';
import type { Replacement } from './ablations.ts';

const { module, from, to }: Replacement = JSON.parse(process.env.REPLACE_MODULE ?? '');

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith(module)) return loaded;
    const source = String(loaded.source);
    if (source.split(from).length !== 2) throw new Error(`${module} does not have exactly once: ${from}`);
    return { ...loaded, source: source.replace(from, to) };
  },
});
