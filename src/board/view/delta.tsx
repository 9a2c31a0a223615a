/** What has changed, in words: `+12 delivered, +30 listed`. The rest of the change is in what is `sent`. */
import type { Delta } from '../figures.ts';
import { count } from '../format.ts';

const names = ['delivered', 'undelivered', 'unknown', 'listed'] as const;

export function deltaText(delta: Delta): string {
  const parts = names.filter((name) => delta[name] !== 0).map((name) => `${signed(delta[name])} ${name}`);
  return parts.join(', ') || 'no change of status';
}

function signed(value: number): string {
  return `${value > 0 ? '+' : '−'}${count(Math.abs(value))}`;
}
