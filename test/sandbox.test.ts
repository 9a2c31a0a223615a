/** The sandbox, spoken to as the vendor's own SDKs speak to D7: plain HTTP, and nothing of the gateway between. */
import { describe, expect, it } from 'vitest';
import { vendorExample } from '../src/sandbox/logs.ts';
import { openSandbox, type Sandbox } from '../src/sandbox/sandbox.ts';
import { scenarios } from '../src/sandbox/scenarios.ts';

/** The headers of the Node SDK; those of Python, Go, PHP and Ruby differ in the user agent. */
const sdkHeaders = {
  'user-agent': `direct7-node-sdk node/${process.version}`,
  accept: 'application/json',
  authorization: 'Bearer sandbox-token',
};

function get(sandbox: Sandbox, path: string, headers: Record<string, string> = sdkHeaders): Promise<Response> {
  return fetch(`${sandbox.url}${path}`, { headers });
}

describe('the sandbox', () => {
  it('answers an SDK the vendor’s example', async () => {
    await using sandbox = await openSandbox();
    const response = await get(sandbox, `/report/v1/viber-log/${vendorExample.request_id}`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(await response.json()).toEqual(vendorExample);
  });

  it.each([
    ['/report/v1/viber-log/nobody-sent-this', 404, 'VIBER_MESSAGE_LOG_NOT_EXISTS'],
    ['/report/v1/viber-log/missing', 404, 'VIBER_MESSAGE_LOG_NOT_EXISTS'],
    ['/report/v1/viber-log/recipients-many', 404, 'VIBER_MESSAGE_LOG_NOT_EXISTS'],
    ['/report/v1/viber-log/recipients-100001', 404, 'VIBER_MESSAGE_LOG_NOT_EXISTS'],
  ])('answers %s with %i and the code %s', async (path, status, code) => {
    await using sandbox = await openSandbox();
    const response = await get(sandbox, path);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ detail: { code } });
  });

  it('answers any other path as D7 does when it is not reached', async () => {
    await using sandbox = await openSandbox();
    const response = await get(sandbox, '/report/v1/sms-log/x');
    expect([response.status, await response.json()]).toEqual([404, { detail: 'Not Found' }]);
    expect(sandbox.callCount()).toBe(0);
  });

  it.each([{}, { authorization: 'Bearer other' }, { authorization: 'Basic sandbox-token' }])(
    'answers 401 to any token but its own: %j',
    async (headers) => {
      await using sandbox = await openSandbox();
      expect((await get(sandbox, '/report/v1/viber-log/recipients-2', headers)).status).toBe(401);
    },
  );

  it.each([2, 100, 10_000])('has a log of %i recipients', async (count) => {
    await using sandbox = await openSandbox();
    const log = await (await get(sandbox, `/report/v1/viber-log/recipients-${count}`)).json();
    expect(log).toMatchObject({ request_id: `recipients-${count}`, total_recipients: count });
    expect(log.messages).toHaveLength(count);
  });

  it('has as many ids of one scenario as anybody wants', async () => {
    await using sandbox = await openSandbox();
    const log = await (await get(sandbox, '/report/v1/viber-log/recipients-3-again_7')).json();
    expect(log).toMatchObject({ request_id: 'recipients-3-again_7', total_recipients: 3 });
    expect((await get(sandbox, '/report/v1/viber-log/error-503-again')).status).toBe(503);
  });

  it('starts the moving log when it is first asked for, each id by itself', async () => {
    let now = 0;
    await using sandbox = await openSandbox({ now: () => now });
    const settled = async (id: string) => {
      const log = await (await get(sandbox, `/report/v1/viber-log/${id}`)).json();
      return log.messages.filter(({ status }: { status: string }) => status !== 'sent').length;
    };
    expect(await settled('moving')).toBe(0);
    now = 3500;
    expect(await settled('moving')).toBe(3);
    expect(await settled('moving-2')).toBe(0);
    now = 13_500;
    expect(await settled('moving')).toBe(10);
    expect(await settled('moving-2')).toBe(10);
  });

  it('lists every scenario on its page, and counts the calls', async () => {
    await using sandbox = await openSandbox();
    await (await get(sandbox, '/report/v1/viber-log/recipients-2')).text();
    await (await get(sandbox, '/report/v1/viber-log/%3Cb%3E')).text();
    const page = await (await get(sandbox, '/', {})).text();
    expect(scenarios.filter(({ name }) => !page.includes(`<code>${name}</code>`))).toEqual([]);
    expect(page).toContain('Calls so far: 2');
    expect(page).not.toContain('<b>');
  });
});
