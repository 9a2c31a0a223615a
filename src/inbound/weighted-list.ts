/**
 * The lists with weights in the headers `Accept` and `Accept-Encoding` (RFC 9110, section 12.4.2).
 */

export type Weighted = {
  /** In lower case, as all of it. */
  name: string;
  parameters: readonly string[];
  /** 1 without a weight, NaN where the weight is no number. */
  quality: number;
};

export function weightedIn(header: string): Weighted[] {
  return header.toLowerCase().split(',').map(readItem);
}

function readItem(text: string): Weighted {
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim());
  return { name, parameters, quality: Number(parameterIn(parameters, 'q') ?? 1) };
}

export function parameterIn(parameters: readonly string[], key: string): string | undefined {
  return parameters.find((one) => one.startsWith(`${key}=`))?.slice(key.length + 1);
}
