/** What has changed, in words: `+12 delivered, −12 sent`. */
import { type Delta, statuses } from '../figures.ts';
import { count } from '../format.ts';

export function deltaText(delta: Delta): string {
  const parts = statuses.filter((status) => delta[status] !== 0).map((status) => `${signed(delta[status])} ${status}`);
  return parts.join(', ') || 'no change of status';
}

function signed(value: number): string {
  return `${value > 0 ? '+' : '−'}${count(Math.abs(value))}`;
}
