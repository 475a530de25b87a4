import type { Limits, Project } from '@freshet/client'
import { useState } from 'react'
import { bytes, limit, num } from '../format'
import { useRights } from '../state/who'
import { t } from '../strings'
import { Text } from '../ui/Text'
import { Card, Fact } from './Card'
import { Edit } from './Edit'
import { PolicyCard } from './PolicyFields'

const s = t.settings

/** What the project may have, what of it is used, how often it may ask, how long its files stay, and what is done about their content. */
export function ProjectCards({ l }: { l: Limits }) {
  const { may } = useRights()
  const [editing, setEditing] = useState(false)
  const p = l.project
  const edit = may('admin', p.name) && (
    <button className="btn !h-8" onClick={() => setEditing(true)}>
      {s.project.change}
    </button>
  )
  return (
    <>
      <Card title={s.project.title(p.name)} action={edit}>
        <Fact name={s.project.role}>{t.roles[p.role] ?? p.role}</Fact>
        <Quota name={s.project.files} used={p.files} most={p.max_files} write={num} />
        <Quota name={s.project.bytes} used={p.bytes} most={p.max_bytes} write={bytes} />
        <Quota name={s.project.open} used={p.open_uploads} most={p.max_open_uploads} write={num} />
      </Card>
      <Card title={s.rates.title}>
        <Fact name={s.rates.requests}>{l.requests_per_second ? s.rates.aSecond(num(l.requests_per_second)) : s.anySize}</Fact>
        <Fact name={s.rates.bytes}>{l.bytes_per_second ? s.rates.aSecond(limit(l.bytes_per_second)) : s.anySize}</Fact>
      </Card>
      <section className="card p-4">
        <h2 className="font-semibold">{s.retention.title}</h2>
        <Sentences p={p} />
        <p className="mt-2 text-xs text-ink2">{s.retention.holds}</p>
      </section>
      <PolicyCard own={p.content_policy ?? {}} server={l.server_content_policy} />
      {editing && <Edit of={p} server={l.server_content_policy} onClose={() => setEditing(false)} />}
    </>
  )
}

function Quota({ name, used, most, write }: { name: string; used: number; most: number | undefined; write: (n: number) => string }) {
  const share = most ? Math.min(1, used / most) : 0
  return (
    <div className="flex flex-wrap justify-between gap-x-4 py-1.5 text-sm">
      <dt className="text-ink2">{name}</dt>
      <dd className="num text-right font-medium">{most ? t.transfers.of(write(used), write(most)) : s.project.unbounded(write(used))}</dd>
      {!!most && (
        <dd className="mt-1 h-1.5 w-full overflow-hidden rounded-full bg-sunken" aria-hidden>
          <div className={`h-full rounded-full ${share >= 1 ? 'bg-red' : share >= 0.9 ? 'bg-amberfill' : 'bg-accent'} ${used ? 'min-w-1' : ''}`} style={{ width: `${share * 100}%` }} />
        </dd>
      )}
    </div>
  )
}

function Sentences({ p }: { p: Project }) {
  const rules = p.retention ?? []
  if (!rules.length) return <p className="mt-2 text-sm text-ink2">{s.retention.none}</p>
  return (
    <ul className="mt-2 divide-y divide-line text-sm">
      {rules.map((r, i) => (
        <li key={i} className="py-1.5">
          <Text>{s.retention.rule(s.retention.statuses[r.status] ?? r.status, r.data_type ?? '', r.keep_days ?? 0, r.keep_last ?? 0)}</Text>
        </li>
      ))}
    </ul>
  )
}
