/** A log by country: the largest first, the rest on request. */
import { useState } from 'preact/hooks';
import type { Summary } from '../figures.ts';
import { count, countryName, percent } from '../format.ts';
import { Bar } from './bar.tsx';

const shown = 3;

export function Countries({ summary, id }: { summary: Summary; id: string }) {
  const [isOpen, setOpen] = useState(false);
  const sorted = summary.byCountry.toSorted(
    (a, b) => b.messages - a.messages || String(a.country).localeCompare(String(b.country)),
  );
  const rest = sorted.length - shown;
  return (
    <div class="countries">
      <table>
        <caption class="hidden">Countries</caption>
        <thead class="hidden">
          <tr>
            <th>Country</th>
            <th>Course</th>
            <th>Waiting</th>
            <th>Delivery rate</th>
          </tr>
        </thead>
        <tbody id={id}>
          {sorted.slice(0, isOpen ? undefined : shown).map((one) => (
            <tr key={one.country}>
              <th scope="row">
                <abbr title={countryName(one.country)}>{one.country ?? '–'}</abbr>
              </th>
              <td class="grow">
                <Bar counts={one} of={one.messages} />
              </td>
              <td class="number quiet">{one.sent > 0 ? `${count(one.sent)} sent` : 'all final'}</td>
              <td class="number">{percent(one.deliveryRate)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rest > 0 && (
        <button type="button" class="link" aria-expanded={isOpen} aria-controls={id} onClick={() => setOpen(!isOpen)}>
          {isOpen ? 'Show fewer countries' : `Show ${rest} more ${rest === 1 ? 'country' : 'countries'}`}
        </button>
      )}
    </div>
  );
}
