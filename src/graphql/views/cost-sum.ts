/**
 * The exact sum of decimals, from the digits that D7 sent: binary floating point would make 0.0009999999999999998 of ten times 0.0001.
 *
 * Nearly every cost has at most six decimals. It is added as a whole number of millionths, which a double holds exactly up to 2^53, and
 * the sum is divided once: IEEE 754 rounds that quotient correctly, so it is the double nearest to the exact sum. Any other cost is added
 * with a BigInt.
 */
import { isDigit, point, zero } from '../../d7/log/json-tokens.ts';

const decimals = 6;
const millionths = 10 ** decimals;
const powersOfTen = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000];
/** A number of so many characters, with six more digits for the millionths, is an exact double. */
const mostCharacters = 9;
/** Far enough from 2^53 that one more cost cannot pass it. */
const largestSum = 2 ** 52;

/** `digits` x 10^-`scale`. */
type Decimal = { digits: bigint; scale: number };

export class CostSum {
  #millionths = 0;
  #rest: Decimal | null = null;

  /** @param start and `end` of a canonical JSON number in `bytes`. */
  add(bytes: Buffer, start: number, end: number): void {
    const millionths = millionthsAt(bytes, start, end);
    if (millionths !== null && this.#millionths < largestSum) this.#millionths += millionths;
    else this.#rest = sumOf(this.#rest, decimalOf(bytes.toString('latin1', start, end)));
  }

  addAll(other: CostSum): void {
    // Two sums of less than 2^53 may be more than that together.
    if (this.#millionths + other.#millionths < largestSum) this.#millionths += other.#millionths;
    else this.#rest = sumOf(this.#rest, { digits: BigInt(other.#millionths), scale: decimals });
    if (other.#rest !== null) this.#rest = sumOf(this.#rest, other.#rest);
  }

  /** The double that is nearest to the exact sum. */
  total(): number {
    if (this.#rest === null) return this.#millionths / millionths;
    const { digits, scale } = sumOf(this.#rest, { digits: BigInt(this.#millionths), scale: decimals });
    return nearestDoubleTo(digits, scale);
  }
}

/** Null for a number of another form: negative, with an exponent, or with more digits. */
function millionthsAt(bytes: Buffer, start: number, end: number): number | null {
  if (end - start > mostCharacters) return null;
  let digits = 0;
  let pointAt = end;
  for (let i = start; i < end; i += 1) {
    const byte = bytes[i] as number;
    if (isDigit(byte)) digits = digits * 10 + byte - zero;
    else if (byte === point && pointAt === end) pointAt = i;
    else return null;
  }
  const scale = pointAt === end ? 0 : end - pointAt - 1;
  return scale > decimals ? null : digits * (powersOfTen[decimals - scale] as number);
}

/** @param text as JavaScript writes a number, so that its exponent has three digits at most. */
function decimalOf(text: string): Decimal {
  const [mantissa = '', exponent = '0'] = text.split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const scale = fraction.length - Number(exponent);
  const digits = BigInt(whole + fraction);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

function sumOf(one: Decimal | null, other: Decimal): Decimal {
  if (one === null) return other;
  const scale = Math.max(one.scale, other.scale);
  return { digits: scaledTo(one, scale) + scaledTo(other, scale), scale };
}

function scaledTo({ digits, scale }: Decimal, wanted: number): bigint {
  return digits * 10n ** BigInt(wanted - scale);
}

/** Finite, since no sum of costs that fit in a response is larger than the largest double, except where D7 lies. */
function nearestDoubleTo(digits: bigint, scale: number): number {
  const nearest = Number(`${digits}e-${scale}`);
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, nearest));
}
