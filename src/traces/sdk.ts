/**
 * Starts the SDK of OpenTelemetry, which samples the spans and sends them to a collector. It reads the variables `OTEL_*` itself.
 *
 * The gateway starts it without instrumentations: theirs write URLs, and with them request ids and the address of D7.
 */
import { type ContextManager, DiagLogLevel, diag, ProxyTracerProvider, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { ConfigError } from '../environment.ts';
import { SpanIds } from './span-ids.ts';

export type TracesConfig = {
  /** Undefined where the environment names the service. */
  serviceName: string | undefined;
};

/** The version that the tests run with. */
const sdkPackage = '@opentelemetry/sdk-node@0.223.0';

/** A collector that does not answer must not delay the end of the process. */
const flushMs = 1000;

/**
 * The gateway names the parent of each span. So the SDK needs no manager of contexts; its own is an AsyncLocalStorage, which it would use
 * whenever it sends spans.
 */
const noContexts: ContextManager = {
  active: () => ROOT_CONTEXT,
  with: (_context, run, thisArg, ...args) => run.call(thisArg, ...args),
  bind: (_context, target) => target,
  enable: () => noContexts,
  disable: () => noContexts,
};

/** @returns what sends the last spans and stops. @throws ConfigError where the package is missing. */
export async function startSdk({ serviceName }: TracesConfig, onNotSent: () => void): Promise<() => Promise<void>> {
  // An operator may have loaded one with --import, and then owns it.
  if (isStarted()) return async () => {};
  const { NodeSDK } = await importSdk();
  reportErrors(onNotSent);
  const sdk = new NodeSDK({
    ...(serviceName !== undefined && { serviceName }),
    metricReaders: [],
    logRecordProcessors: [],
    textMapPropagator: null,
    idGenerator: new SpanIds(),
    contextManager: noContexts,
  });
  sdk.start();
  return () => withinMs(flushMs, sdk.shutdown());
}

function isStarted(): boolean {
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer('') !== undefined;
}

/** With OTEL_LOG_LEVEL the SDK takes a logger of its own, which writes to the console. */
function reportErrors(report: () => void): void {
  const ignore = () => {};
  const logger = { error: report, warn: ignore, info: ignore, debug: ignore, verbose: ignore };
  diag.setLogger(logger, { logLevel: DiagLogLevel.ERROR });
}

async function importSdk() {
  try {
    return await import('@opentelemetry/sdk-node');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    // Beside the gateway, where Node looks as well: npm omits a package that the manifest has for development, also where it is named.
    const command = `npm install --prefix .. --no-save ${sdkPackage}`;
    throw new ConfigError([`OTEL_*: traces need a package that is not installed; install it with ${command}`]);
  }
}

async function withinMs(ms: number, ending: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  // Spans that no collector has taken are lost.
  await Promise.race([ending.catch(() => {}), timeout]);
  clearTimeout(timer);
}
