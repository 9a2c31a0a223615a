/** The contenders that are this gateway: as it is, as it was, or without a part. */
import { ablations } from './ablations.ts';
import { before } from './against.ts';

export function isGateway(contender: string): boolean {
  return contender === 'gateway' || contender === before || contender in ablations;
}
