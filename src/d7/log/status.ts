/**
 * What a message's status means. D7 documents `delivered`, `sent` and `undelivered`; any other text is `UNKNOWN`.
 */

export const statuses = ['DELIVERED', 'SENT', 'UNDELIVERED', 'UNKNOWN'] as const;

export type ViberMessageStatus = (typeof statuses)[number];

/** D7 documents the three in lower case. `un_delivered`, `Un-Delivered` and `UNDELIVERED` are *assumed* to be the same status. */
export function statusOf(rawStatus: string): ViberMessageStatus {
  switch (rawStatus.toLowerCase().replaceAll(/[_-]/g, '')) {
    case 'delivered':
      return 'DELIVERED';
    case 'sent':
      return 'SENT';
    case 'undelivered':
      return 'UNDELIVERED';
    default:
      return 'UNKNOWN';
  }
}

/** A final status does not change any more. */
export function isFinalStatus(status: ViberMessageStatus): boolean {
  switch (status) {
    case 'DELIVERED':
    case 'UNDELIVERED':
      return true;
    case 'SENT':
    case 'UNKNOWN':
      return false;
  }
}
