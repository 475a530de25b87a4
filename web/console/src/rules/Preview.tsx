import type { Finding as Found, RulePreviewed } from '@freshet/client'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Finding } from '../detail/Finding'
import { useTitles } from '../detail/titles'
import { bytes, num, percent } from '../format'
import { t } from '../strings'
import { Instead, Waiting } from '../ui/State'
import { faultOf } from './draft'
import { FilePicker } from './FilePicker'
import { parts, type Part, type PreviewState } from './usePreview'

const p = t.rules.preview

/** What the rules would find in a stored file. */
export function Preview({ preview, broken }: { preview: PreviewState; broken: boolean }) {
  const { file, part, setPart, result, settling } = preview
  const navigate = useNavigate({ from: '/rules' })
  const fault = faultOf(result.error)
  const late = settling || result.isFetching || broken
  return (
    <section className="card flex min-w-0 flex-col lg:col-start-2 xl:sticky xl:top-4 xl:col-start-3 xl:max-h-[calc(100dvh-32px)]" aria-labelledby="preview">
      <div className="space-y-3 border-b border-line px-4 py-3">
        <h2 id="preview" className="font-semibold">
          {p.title}
        </h2>
        <FilePicker id={file} onPick={(file) => void navigate({ search: (s) => ({ ...s, file }), replace: true })} />
        <label className="flex flex-wrap items-center gap-2 text-sm text-ink2">
          {p.part}
          <select className="field min-w-0 max-w-full text-ink" value={part} onChange={(e) => setPart(e.target.value as Part)}>
            {parts.map((id) => (
              <option key={id} value={id}>
                {p.parts[id]}
              </option>
            ))}
          </select>
        </label>
      </div>
      {!file ? (
        <Instead>{p.noFile}</Instead>
      ) : result.error ? (
        <p role="alert" className="p-4 text-sm text-ink2">
          {fault ? p.waits : p.failed(result.error.message)}
        </p>
      ) : !result.data ? (
        <Waiting rows={4} />
      ) : (
        <div aria-busy={late} className={`min-h-0 overflow-y-auto ${late ? 'opacity-60' : ''}`}>
          <Outcome of={result.data} note={broken ? p.waits : ''} />
        </div>
      )}
    </section>
  )
}

const listed = 50

function Outcome({ of, note }: { of: RulePreviewed; note: string }) {
  const { report: r, looked_at: at, not_judged } = of
  const [rule, setRule] = useState<string>()
  const title = useTitles()
  const chosen = rule && r.by_rule.some((b) => b.rule === rule) ? rule : undefined
  const all = (r.findings as Found[]).filter((f) => !chosen || f.rule === chosen)
  const looked = at.whole ? p.whole(r.records) : at.blocks > 1 ? p.sampled(r.records, at.blocks, percent(at.share, 1)) : p.looked(bytes(at.bytes), r.records, percent(at.share, 1))
  return (
    <>
      <div className="px-4 py-3" role="status">
        <p className="num font-medium">{r.errors ? p.wouldFail(r.errors, r.records_with_errors) : r.warnings ? p.wouldWarn(r.warnings) : p.wouldPass}</p>
        <p className="num text-xs text-ink2">{looked}</p>
        {note && <p className="text-xs text-amber">{note}</p>}
        {not_judged.length > 0 && <p className="mt-1 text-xs text-ink2">{p.notJudged(not_judged.map(title).join(', '))}</p>}
      </div>
      {r.by_rule.length > 0 && (
        <ul className="border-t border-line py-1" aria-label={p.byRule}>
          {r.by_rule.map((b) => (
            <li key={`${b.rule} ${b.severity}`}>
              <button aria-pressed={chosen === b.rule} onClick={() => setRule(chosen === b.rule ? undefined : b.rule)} className={`flex min-h-8 w-full items-baseline gap-3 px-4 py-1.5 text-left text-sm -outline-offset-2 ${chosen === b.rule ? 'bg-accentsoft text-accent' : 'hover:bg-sunken'}`}>
                <span className="min-w-0 flex-1">{title(b.rule)}</span>
                <span className={`num text-xs ${b.severity === 'error' ? 'text-red' : 'text-amber'}`}>{b.severity === 'error' ? t.common.errors(b.count) : t.common.warnings(b.count)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {all.length > 0 && <First key={chosen ?? ''} findings={all.slice(0, listed)} />}
      {all.length > listed && <p className="num border-t border-line px-4 py-2 text-xs text-ink2">{p.first(num(listed))}</p>}
    </>
  )
}

function First({ findings }: { findings: Found[] }) {
  const [open, setOpen] = useState<number | null>(0)
  const title = useTitles()
  return (
    <ul className="@container border-t border-line">
      {findings.map((f, i) => (
        <Finding key={i} finding={f} title={title(f.rule)} open={open === i} onOpen={() => setOpen(open === i ? null : i)} place={(label) => label} />
      ))}
    </ul>
  )
}
