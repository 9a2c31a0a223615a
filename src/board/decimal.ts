/**
 * Exact decimals. A cost arrives as a JSON number, whose shortest text is the decimal that the gateway wrote; only sums need more than that.
 */

/** Without an exponent: `1e-7` is `0.0000001`. */
export function decimalText(value: number): string {
  const [, sign = '', whole = '0', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  const shift = Number(exponent);
  if (shift === 0) return String(value);
  const digits = `${whole}${fraction}`;
  const point = whole.length + shift;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${digits}${'0'.repeat(point - digits.length)}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** The exact sum, in the shortest spelling. */
export function decimalSum(values: readonly number[]): string {
  const parts = values.map((value) => decimalText(value).split('.'));
  const places = Math.max(0, ...parts.map(([, fraction = '']) => fraction.length));
  const sum = parts.reduce(
    (total, [whole = '', fraction = '']) => total + BigInt(`${whole}${fraction.padEnd(places, '0')}`),
    0n,
  );
  const sign = sum < 0n ? '-' : '';
  const digits = String(sum < 0n ? -sum : sum).padStart(places + 1, '0');
  const point = digits.length - places;
  const fraction = digits.slice(point).replace(/0+$/, '');
  return `${sign}${digits.slice(0, point)}${fraction && '.'}${fraction}`;
}
