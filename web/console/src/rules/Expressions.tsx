import type { Expression } from '@freshet/client'
import { Plus, X } from 'lucide-react'
import { num } from '../format'
import { t } from '../strings'
import { Control } from './Control'
import { at, expressions, type Fault } from './draft'

const f = t.rules.form
const most = 32

/** Conditions in CEL, each true of records that are fine. */
export function Expressions({ value, onChange, fault }: { value: unknown; onChange: (v: Partial<Expression>[]) => void; fault: Fault | null }) {
  const all = expressions(value)
  const edit = (i: number, change: Partial<Expression>) => onChange(all.map((e, j) => (i === j ? tidy({ ...e, ...change }) : e)))
  return (
    <section aria-labelledby="expressions">
      <h3 id="expressions" className="text-sm font-medium">
        {f.expressions}
      </h3>
      <p className="mb-2 text-xs text-ink2">{f.expressionsHint}</p>
      <ol className="space-y-3">
        {all.map((e, i) => {
          const wrong = (key: string) => at(fault, `/expressions/${i}/${key}`)
          return (
            <li key={i} className="space-y-2 rounded-lg border border-line p-3">
              <div className="flex items-end gap-2">
                <div className="min-w-0 flex-1">
                  <Control label={f.exprName} wrong={wrong('name')}>
                    {(a) => <input {...a} className="field w-full font-mono text-xs" spellCheck={false} value={e.name ?? ''} onChange={(ev) => edit(i, { name: ev.target.value })} />}
                  </Control>
                </div>
                <select className="field" aria-label={f.exprSeverity(e.name || num(i + 1))} value={e.severity ?? 'error'} onChange={(ev) => edit(i, { severity: ev.target.value as Expression['severity'] })}>
                  <option value="error">{f.levels.error}</option>
                  <option value="warning">{f.levels.warning}</option>
                </select>
                <button className="ib" type="button" aria-label={f.removeExpr(e.name || num(i + 1))} onClick={() => onChange(all.filter((_, j) => j !== i))}>
                  <X size={15} aria-hidden />
                </button>
              </div>
              <Control label={f.expr} wrong={wrong('expr')}>
                {(a) => <textarea {...a} className="field w-full font-mono text-xs" rows={2} spellCheck={false} value={e.expr ?? ''} onChange={(ev) => edit(i, { expr: ev.target.value })} />}
              </Control>
              <Control label={f.exprMessage} wrong={wrong('message') ?? wrongWhole(fault, i)}>
                {(a) => <input {...a} className="field w-full" value={e.message ?? ''} onChange={(ev) => edit(i, { message: ev.target.value })} />}
              </Control>
            </li>
          )
        })}
      </ol>
      {all.length < most && (
        <button type="button" className="btn mt-2" onClick={() => onChange([...all, { name: `rule-${all.length + 1}`, expr: 'has(record.text)' }])}>
          <Plus size={15} aria-hidden />
          {f.addExpr}
        </button>
      )}
    </section>
  )
}

const wrongWhole = (fault: Fault | null, i: number) => (fault?.path === `/expressions/${i}` ? fault.text : undefined)

/** Without what is empty; an error is what an expression is unless it says otherwise. */
function tidy(e: Partial<Expression>): Partial<Expression> {
  const next = { ...e }
  if (!next.message) delete next.message
  if (next.severity === 'error') delete next.severity
  return next
}
