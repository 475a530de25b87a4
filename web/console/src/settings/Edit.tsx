import type { Project, Retained, Retention } from '@freshet/client'
import { useQuery } from '@tanstack/react-query'
import { Plus, Trash2 } from 'lucide-react'
import { useRef, useState } from 'react'
import { bytes } from '../format'
import { cache, client } from '../state/app'
import { limitsQuery } from '../state/queries'
import { everywhere } from '../state/rights'
import { useMay } from '../state/who'
import { t } from '../strings'
import { Dialog, FormEnd } from '../ui/Dialog'
import { say } from '../ui/Say'
import { Text } from '../ui/Text'
import { fromProject, ruleOf, settings, type Draft } from './draft'
import type { Policy } from './policy'
import { PolicyFields } from './PolicyFields'

const s = t.settings.edit
const statuses = t.settings.retention.statuses

/** Changes what a project may have, how long its files are kept, and what is done about their content; server is its policy. What new rules would delete is shown before they are saved. */
export function Edit({ of, server, onClose }: { of: Project; server: Policy; onClose: () => void }) {
  const bounds = useMay('admin', everywhere) // who is bounded does not say by how much
  const [draft, setDraft] = useState<Draft>(() => fromProject(of))
  const [tried, setTried] = useState<{ rules: string; would: Retained } | null>(null)
  const [error, setError] = useState('')
  const [busy, setBusy] = useState(false)
  const seen = useRef(JSON.stringify(of.retention ?? []))
  const next = settings(draft)
  const rules = JSON.stringify(next.settings?.retention ?? null)
  const known = rules === seen.current || tried?.rules === rules

  const run = async (work: () => Promise<void>) => {
    if (next.why) return setError(next.why)
    if (busy) return
    setBusy(true)
    setError('')
    try {
      await work()
    } catch (e) {
      setError(e instanceof Error ? e.message : String(e))
    }
    setBusy(false)
  }
  const attempt = () => run(async () => setTried({ rules, would: await client.actions.applyRetention({ dryRun: true, rules: next.settings!.retention ?? [], project: of.name }) }))
  const save = () =>
    run(async () => {
      await client.projects.put(of.name, next.settings!)
      void cache.invalidateQueries()
      say(s.saved(of.name))
      onClose()
    })
  const put = (change: Partial<Draft>) => (setDraft({ ...draft, ...change }), setError(''))
  const rule = (i: number, change: Partial<Draft['rules'][number]>) => put({ rules: draft.rules.map((r, j) => (j === i ? { ...r, ...change } : r)) })
  return (
    <Dialog title={s.title(of.name)} onClose={onClose} wide>
      <form
        className="space-y-5"
        onSubmit={(e) => {
          e.preventDefault()
          void (known ? save() : attempt())
        }}
      >
        {bounds && (
          <fieldset>
            <legend className="font-medium">{s.quotas}</legend>
            <p className="text-xs text-ink2">{s.quotasHint}</p>
            <div className="mt-2 grid grid-cols-1 gap-3 sm:grid-cols-3">
              {(['files', 'gigabytes', 'open'] as const).map((k) => (
                <label key={k} className="block text-sm text-ink2">
                  {s[k]}
                  <input className="field num mt-1 w-full" inputMode="decimal" value={draft[k]} onChange={(e) => put({ [k]: e.target.value })} />
                </label>
              ))}
            </div>
          </fieldset>
        )}
        <fieldset>
          <legend className="font-medium">{t.settings.retention.title}</legend>
          <p className="text-xs text-ink2">{s.rulesHint}</p>
          <ul className="divide-y divide-line">
            {draft.rules.map((r, i) => (
              <li key={r.id} className="grid grid-cols-2 items-end gap-x-3 gap-y-2 py-3 sm:grid-cols-[1.2fr_1fr_1fr_1fr_auto]">
                <Rule r={r} n={i + 1} change={(c) => rule(i, c)} />
                <button type="button" className="ib max-sm:col-span-2 max-sm:justify-self-end" aria-label={s.removeRule(i + 1)} onClick={() => put({ rules: draft.rules.filter((_, j) => j !== i) })}>
                  <Trash2 size={16} aria-hidden />
                </button>
              </li>
            ))}
          </ul>
          <button type="button" className="btn mt-2" onClick={() => put({ rules: [...draft.rules, ruleOf({ status: 'failed', keep_days: 30 })] })}>
            <Plus size={15} aria-hidden />
            {s.addRule}
          </button>
        </fieldset>
        <PolicyFields own={draft.policy} server={server} change={(policy) => put({ policy })} />
        {tried?.rules === rules && <Outcome would={tried.would} />}
        <FormEnd go={!known ? s.tryFirst : tried?.rules === rules && tried.would.deleted_count ? s.saveAll(tried.would.deleted_count) : t.common.save} wrong={error} busy={busy} onClose={onClose} />
      </form>
    </Dialog>
  )
}

function Rule({ r, n, change }: { r: Draft['rules'][number]; n: number; change: (c: Partial<Draft['rules'][number]>) => void }) {
  const types = useQuery(limitsQuery).data?.data_types ?? []
  const field = (key: 'dataType' | 'days' | 'last', hint: string, list?: string) => (
    <label className="block min-w-0 text-xs text-ink2">
      {s[key]}
      <input className="field num mt-1 w-full text-ink" aria-label={s.ofRule(s[key], n)} list={list} inputMode={list ? undefined : 'numeric'} placeholder={hint} value={r[key]} onChange={(e) => change({ [key]: e.target.value })} />
    </label>
  )
  return (
    <>
      <label className="block min-w-0 text-xs text-ink2">
        {s.status}
        <select className="field mt-1 w-full text-ink" aria-label={s.ofRule(s.status, n)} value={r.status} onChange={(e) => change({ status: e.target.value as Retention['status'] })}>
          {Object.entries(statuses).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {field('dataType', s.any, 'retention-types')}
      <datalist id="retention-types">
        {types.map((d) => (
          <option key={d} value={d} />
        ))}
      </datalist>
      {field('days', '–')}
      {field('last', '–')}
    </>
  )
}

const listed = 100

function Outcome({ would: { files, deleted_count: n, bytes_freed: size } }: { would: Retained }) {
  return (
    <section role="status" className={`rounded-lg border px-4 py-3 text-sm ${n ? 'border-amber bg-ambersoft text-amber' : 'border-line bg-sunken text-ink2'}`}>
      <p className="num font-medium">{n ? s.would(n, bytes(size)) : s.wouldNot}</p>
      {n > 0 && (
        <ul className="num mt-2 max-h-44 overflow-y-auto text-xs" tabIndex={n > 8 ? 0 : undefined} aria-label={s.list}>
          {files.slice(0, listed).map((file) => (
            <li key={file.file_id} className="flex justify-between gap-3 py-0.5">
              <span className="min-w-0 truncate">
                <Text>{file.original_name}</Text>
              </span>
              <span className="shrink-0">
                {statuses[file.file_status] ?? file.file_status} · {bytes(file.file_size)}
              </span>
            </li>
          ))}
          {n > listed && <li>{t.files.refusedMore(n - listed)}</li>}
        </ul>
      )}
    </section>
  )
}
