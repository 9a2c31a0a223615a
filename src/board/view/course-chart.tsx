/** The course of a log as areas: delivered, undelivered, and what is sent above them. */
import type { Sample } from '../course.ts';

const width = 400;
const height = 40;

type Layer = { name: string; top: (sample: Sample) => number };

const layers: readonly Layer[] = [
  { name: 'sent', top: ({ delivered, undelivered, unknown, sent }) => delivered + undelivered + unknown + sent },
  { name: 'unknown', top: ({ delivered, undelivered, unknown }) => delivered + undelivered + unknown },
  { name: 'undelivered', top: ({ delivered, undelivered }) => delivered + undelivered },
  { name: 'delivered', top: ({ delivered }) => delivered },
];

export function CourseChart({ course, of }: { course: readonly Sample[]; of: number }) {
  return (
    <svg class="course" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      {layers.map(({ name, top }) => (
        <path key={name} class={name} d={areaOf(course, top, of)} />
      ))}
    </svg>
  );
}

function areaOf(course: readonly Sample[], top: Layer['top'], of: number): string {
  const [first, last] = [course[0], course.at(-1)];
  if (!first || !last || first === last) return '';
  const span = Math.max(1, last.at - first.at);
  const points = course.map((sample) => {
    const x = ((sample.at - first.at) / span) * width;
    return `${x.toFixed(1)} ${(height - (top(sample) / Math.max(1, of)) * height).toFixed(1)}`;
  });
  return `M0 ${height}L${points.join('L')}L${width} ${height}Z`;
}
