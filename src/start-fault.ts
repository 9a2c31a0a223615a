/**
 * Why the gateway could not start, in words for the operator: without a stack trace.
 */
import { ConfigError } from './environment.ts';

/** Its message is such words already. */
export class StartError extends Error {}

export function startFaultOf(error: unknown): string {
  if (error instanceof ConfigError || error instanceof StartError) return error.message;
  const { code, port, address, message } = error as NodeJS.ErrnoException & { port?: number; address?: string };
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} of ${address} is in use: set PORT (METRICS_PORT for the metrics, SANDBOX_PORT for the sandbox) to another one.`;
    case 'EACCES':
      return `Port ${port} of ${address} may not be opened by this user: set PORT to 1024 or above.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'HOST is not an address of this machine: set it to one, or to 0.0.0.0 for all of them.';
    default:
      return `The gateway could not start: ${message}`;
  }
}
