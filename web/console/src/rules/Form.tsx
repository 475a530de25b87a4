import { useQuery } from '@tanstack/react-query'
import { limitsQuery } from '../state/queries'
import { t } from '../strings'
import { Control, Names, Tick, Whole } from './Control'
import { at, list, number, put, type Draft, type Fault } from './draft'
import { Expressions } from './Expressions'
import { Severities } from './Severities'

const f = t.rules.form

interface Props {
  rules: Draft
  onChange: (rules: Draft) => void
  fault: Fault | null
}

/** The keys that are used most; the JSON view has all. */
export function Form({ rules, onChange, fault }: Props) {
  const limits = useQuery(limitsQuery).data
  const set = (key: string) => (value: unknown) => onChange(put(rules, key, value))
  const wrong = (key: string) => at(fault, `/${key}`)
  const formats = list(rules.allowed_formats)
  const whole = (key: keyof typeof f.numbers) => <Whole label={f.numbers[key].label} hint={f.numbers[key].hint} value={number(rules[key])} onChange={set(key)} wrong={wrong(key)} />
  return (
    <div className="space-y-5">
      <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
        <Control label={f.schema} hint={f.schemaHint} wrong={wrong('schema')}>
          {(a) => (
            <select {...a} className="field w-full" value={typeof rules.schema === 'string' ? rules.schema : 'auto'} onChange={(e) => set('schema')(e.target.value)}>
              {(limits?.schemas ?? ['auto']).map((s) => (
                <option key={s} value={s}>
                  {f.schemas[s] ?? s}
                </option>
              ))}
            </select>
          )}
        </Control>
        <fieldset className="min-w-0" aria-describedby="formats-note">
          <legend className="mb-1 text-sm font-medium">{f.formats}</legend>
          <div className="grid grid-cols-2 gap-x-3">
            {(limits?.formats ?? []).map((name) => (
              <Tick key={name} label={t.detail.formats[name] ?? name} value={formats.includes(name)} onChange={(on) => set('allowed_formats')(on ? [...formats, name] : formats.filter((x) => x !== name))} />
            ))}
          </div>
          <p id="formats-note" className={`text-xs ${wrong('allowed_formats') ? 'text-red' : 'text-ink2'}`}>
            {wrong('allowed_formats') ?? f.formatsHint}
          </p>
        </fieldset>
        <Names label={f.required} hint={f.namesHint} value={list(rules.required_fields)} onChange={set('required_fields')} wrong={wrong('required_fields')} />
        <Names label={f.unique} hint={f.namesHint} value={list(rules.unique_fields)} onChange={set('unique_fields')} wrong={wrong('unique_fields')} />
        {whole('min_records')}
        {whole('max_records')}
        {whole('max_record_bytes')}
        {whole('max_errors')}
        {whole('max_tokens')}
      </div>
      <div>
        <Tick label={f.failFast} value={rules.fail_fast === true} onChange={set('fail_fast')} />
        <Tick label={f.blank} value={rules.allow_blank_lines !== false} onChange={set('allow_blank_lines')} />
      </div>
      <Severities value={rules.severity} onChange={set('severity')} wrong={wrong('severity')} />
      <Expressions value={rules.expressions} onChange={set('expressions')} fault={fault} />
      <p className="text-xs text-ink2">{f.more}</p>
    </div>
  )
}
