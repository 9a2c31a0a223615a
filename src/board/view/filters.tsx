/** Which rows: the filters of the schema. Each change is in the address at once. */
import { useEffect, useState } from 'preact/hooks';
import { countryName } from '../format.ts';
import type { ViberMessageStatus } from '../generated/graphql.ts';
import type { RowFilter } from '../rows.ts';

type FiltersProps = {
  filter: RowFilter;
  countries: readonly string[];
  onChange: (filter: RowFilter) => void;
};

const statusOptions: readonly [ViberMessageStatus, string][] = [
  ['DELIVERED', 'Delivered'],
  ['SENT', 'Sent'],
  ['UNDELIVERED', 'Undelivered'],
  ['UNKNOWN', 'Unknown'],
];

export function Filters({ filter, countries, onChange }: FiltersProps) {
  const known = [...new Set([...countries, ...filter.country])];
  return (
    <div class="filters">
      <Choices
        title="Status"
        options={statusOptions}
        chosen={filter.status}
        onChange={(status) => onChange({ ...filter, status })}
      />
      <Choices
        title="Country"
        options={known.map((code) => [code, code])}
        chosen={filter.country}
        onChange={(country) => onChange({ ...filter, country })}
        describe={countryName}
      />
      <TextFilter
        title="Recipient contains"
        value={filter.recipient}
        onChange={(recipient) => onChange({ ...filter, recipient })}
      />
      <TextFilter title="Message id" value={filter.msgId} onChange={(msgId) => onChange({ ...filter, msgId })} />
    </div>
  );
}

type ChoicesProps<Value extends string> = {
  title: string;
  options: readonly (readonly [Value, string])[];
  chosen: readonly Value[];
  onChange: (chosen: readonly Value[]) => void;
  describe?: (value: string) => string;
};

function Choices<Value extends string>({ title, options, chosen, onChange, describe }: ChoicesProps<Value>) {
  const toggled = (value: Value) =>
    chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value];
  return (
    <fieldset class="choices">
      <legend>{title}</legend>
      {options.map(([value, label]) => (
        <label key={value} title={describe?.(value)}>
          <input type="checkbox" checked={chosen.includes(value)} onChange={() => onChange(toggled(value))} />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}

const typingMs = 300;

function TextFilter({ title, value, onChange }: { title: string; value: string; onChange: (value: string) => void }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text.trim() === value) return;
    const timer = setTimeout(() => onChange(text.trim()), typingMs);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <label class="text-filter">
      <span>{title}</span>
      <input value={text} spellcheck={false} onInput={(event) => setText(event.currentTarget.value)} />
    </label>
  );
}
