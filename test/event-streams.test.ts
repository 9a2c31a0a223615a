/** Subscriptions over HTTP are streams, whatever else a client accepts: each event is sent when it comes. */
import { expect, it } from 'vitest';
import { liveLog, openHouse } from './house.ts';

it.each([
  'text/event-stream',
  '*/*',
  'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed',
])('an event is sent when it comes, to a client that accepts %s', async (accept) => {
  await using house = await openHouse();
  const leaving = new AbortController();
  const response = await house.stream(liveLog, {
    variables: { requestId: 'moving' },
    headers: { accept },
    signal: leaving.signal,
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (text.includes('"__typename":"ViberLog"')) break;
  }
  expect(text).not.toContain('event: complete');
  leaving.abort();
  await expect.poll(() => house.logged.filter((line) => line.includes('"msg":"operation"'))).toHaveLength(1);
  expect(house.logged.join()).not.toContain('unexpected');
});
