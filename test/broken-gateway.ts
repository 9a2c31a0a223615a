/** A gateway with a bug: one of its events throws. */
import { readConfig } from '../src/config.ts';
import { openSandbox } from '../src/sandbox/sandbox.ts';
import { openGateway } from '../src/server.ts';
import { createTelemetry } from '../src/telemetry.ts';

export async function openBroken(event: 'operation' | 'attempt', settings: Record<string, string> = {}) {
  const sandbox = await openSandbox();
  const logged: string[] = [];
  const telemetry = createTelemetry('info', { write: (line) => logged.push(line) });
  const broken = () => {
    throw new TypeError('secret of the caller');
  };
  const config = readConfig({ PORT: '0', D7_BASE_URL: sandbox.url, ...settings });
  const graphiql = {
    authorization: '',
    exampleRequestIds: [],
    exampleLargeRequestId: '',
    exampleLiveRequestId: 'moving',
  };
  const gateway = await openGateway({ config, telemetry: { ...telemetry, [event]: broken }, graphiql });
  const close = async () => {
    await sandbox.close();
    await gateway.close();
  };
  return { url: gateway.url, logged, [Symbol.asyncDispose]: close };
}
