/**
 * The sandbox's home page: the scenarios with their request ids, and the number of calls for each id.
 */
import { scenarios } from './scenarios.ts';

export type PageFacts = {
  callCount: number;
  callsById: ReadonlyMap<string, number>;
  tokens: readonly string[];
};

export function sandboxPage({ callCount, callsById, tokens }: PageFacts): string {
  const rows = scenarios.map(({ name, shows }) => `<tr><td><code>${name}</code></td><td>${escaped(shows)}</td></tr>`);
  const calls = [...callsById].map(([id, count]) => `<tr><td><code>${escaped(id)}</code></td><td>${count}</td></tr>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>D7 sandbox</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
  table { border-collapse: collapse; width: 100% }
  td, th { text-align: left; vertical-align: top; padding: .25rem 1rem .25rem 0; border-bottom: 1px solid #ddd }
  td:first-child { white-space: nowrap }
</style>
</head>
<body>
<h1>D7 sandbox</h1>
<p><code>GET /report/v1/viber-log/{request_id}</code> with <code>Authorization: Bearer ${tokens.map(escaped).join(' | ')}</code>.
Any other token gets 401.</p>
<h2>Request ids</h2>
<p>Append <code>-</code> and any text to an id to get another id of the same scenario. No other id has a log.</p>
<table><tr><th>Request id</th><th>What it shows</th></tr>
${rows.join('\n')}
</table>
<h2>Calls so far: ${callCount}</h2>
<table><tr><th>Request id</th><th>Calls</th></tr>
${calls.join('\n')}
</table>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
