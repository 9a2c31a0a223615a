/**
 * The run as a picture: CPU time a request in times of raw-map, a group of bars for each workload, a bar for each contender. The
 * axis is logarithmic, and raw-map is where the bars begin: what is cheaper goes left, what is dearer right.
 */
import { costsOf, type Results, ratioOf } from './results.ts';
import { partsOf, tellWorkload } from './workloads.ts';

type Bar = { contender: string; ratio: number };
type Place = (ratio: number) => number;

const width = 860;
const left = 190;
const right = width - 70;
const top = 58;
const rowHeight = 16;
const titleHeight = 24;
const base = 'raw-map';
const ticks = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100];

export function chartOf(results: Results): string {
  const groups = Object.entries(costsOf(results)).map(([workload, rounds]) => ({
    workload,
    bars: Object.keys(rounds).flatMap((contender): Bar[] => {
      if (partsOf(contender).asked !== null) return [];
      const ratio = ratioOf(rounds, 'cpuMs', contender, base);
      return ratio === null ? [] : [{ contender, ratio }];
    }),
  }));
  const ratios = groups.flatMap(({ bars }) => bars.map(({ ratio }) => ratio));
  const placeOf = createScale(Math.min(0.5, ...ratios), Math.max(2, ...ratios));
  const drawn: string[] = [];
  let y = top;
  for (const { workload, bars } of groups) {
    drawn.push(`<text class="workload" x="12" y="${y + 17}">${tellWorkload(workload)}</text>`);
    y += titleHeight;
    for (const bar of bars) {
      drawn.push(drawBar(bar, y, placeOf));
      y += rowHeight;
    }
  }
  return drawPicture(y + titleHeight, [...drawAxis(y + titleHeight, placeOf), ...drawn]);
}

function createScale(least: number, most: number): Place {
  const span = Math.log(most / least);
  return (ratio) => Math.round(left + ((right - left) * Math.log(ratio / least)) / span);
}

function drawBar({ contender, ratio }: Bar, y: number, placeOf: Place): string {
  const [from, to] = [placeOf(Math.min(1, ratio)), placeOf(Math.max(1, ratio))];
  const isCheaper = ratio < 1;
  const numberX = isCheaper ? from - 4 : to + 4;
  const kind = contender === 'gateway' ? 'gateway' : 'other';
  return [
    `<g class="${kind}"><text class="name" x="24" y="${y + 11}">${contender}</text>`,
    `<rect x="${from}" y="${y + 2}" width="${Math.max(2, to - from)}" height="${rowHeight - 4}"/>`,
    `<text${isCheaper ? ' text-anchor="end"' : ''} x="${numberX}" y="${y + 11}">${ratio.toFixed(2)}</text></g>`,
  ].join('');
}

function drawAxis(height: number, placeOf: Place): string[] {
  const shown = ticks.filter((tick) => placeOf(tick) >= left - 40 && placeOf(tick) <= right);
  return shown.map((tick) => {
    const x = placeOf(tick);
    const line = `<line${tick === 1 ? ' class="base"' : ''} x1="${x}" y1="${top - 6}" x2="${x}" y2="${height - 14}"/>`;
    return `${line}<text text-anchor="middle" x="${x}" y="${top - 12}">${tick} ×</text>`;
  });
}

function drawPicture(height: number, drawn: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<title>CPU time a request of each contender, by workload</title>
<style>
  text { font: 11px system-ui, sans-serif; fill: #424a53; }
  .title { font-size: 14px; font-weight: 600; fill: #1f2328; }
  .workload, .gateway text { font-weight: 600; fill: #1f2328; }
  .paper { fill: #ffffff; }
  line { stroke: #d1d9e0; }
  .base { stroke: #59636e; }
  .gateway rect { fill: #0969da; }
  .other rect { fill: #9aa4ae; }
  @media (prefers-color-scheme: dark) {
    text { fill: #b7bfc8; }
    .title, .workload, .gateway text { fill: #f0f6fc; }
    .paper { fill: #0d1117; }
    line { stroke: #30363d; }
    .base { stroke: #9198a1; }
    .gateway rect { fill: #4493f8; }
    .other rect { fill: #656c76; }
  }
</style>
<rect class="paper" width="${width}" height="${height}"/>
<text class="title" x="12" y="24">CPU time a request, in times of ${base}. Logarithmic; further left is cheaper.</text>
${drawn.join('\n')}
</svg>
`;
}
