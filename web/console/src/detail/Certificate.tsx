import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Download } from 'lucide-react'
import { useEffect } from 'react'
import { moment, num } from '../format'
import { client, show } from '../state/app'
import { certificateQuery } from '../state/queries'
import { shown } from '../state/rights'
import { who } from '../state/steps'
import { useRights } from '../state/who'
import { t } from '../strings'
import { Copy } from '../ui/Copy'
import { Lines } from '../ui/Lines'
import { Failed, Waiting } from '../ui/State'
import { plain, Text } from '../ui/Text'

const words = t.detail.certificate

/** What was deleted, when, by whom and why, signed: to read, and to take along for who asks later. */
export function Certificate({ id }: { id: string }) {
  const certificate = useQuery(certificateQuery(id))
  const c = certificate.data
  const { who: me, may } = useRights()
  // a link led to a file that was in another project: that is the one to show then
  const home = c && shown(me, c.project)
  useEffect(() => {
    if (home !== undefined) show(home)
  }, [home])
  if (!c) return <section className="card" aria-label={words.title}>{certificate.isError ? <Failed what={words.what} error={certificate.error} again={() => void certificate.refetch()} /> : <Waiting rows={4} height={40} />}</section>
  const row = c.audit_row
  const facts: [string, React.ReactNode][] = [
    [words.content, c.content ? <Text>{c.content}</Text> : words.neverWhole],
    [words.deleted, moment(c.deleted_time)],
    [words.by, <><Text>{who(c.deleted_by)}</Text>{c.source && `, ${t.activity.from(plain(c.source))}`}</>],
    [words.reason, c.reason ? <Text>{c.reason}</Text> : words.noReason],
    [words.erased, moment(c.erased_time)],
    [words.removed, <Text>{c.erased}</Text>],
    ...(row ? [[words.row, may('admin', c.project) ? <Link to="/audit" search={{ object: id, action: 'delete' }} className="link inline-block min-h-6">{t.audit.row(num(row.number))}</Link> : t.audit.row(num(row.number))] as [string, React.ReactNode]] : []),
  ]
  return (
    <section className="card p-4" aria-labelledby="certificate">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-3">
        <div className="min-w-0 flex-1 basis-72">
          <h2 id="certificate" className="font-semibold">
            {words.title}
          </h2>
          <p className="mt-1 text-sm text-ink2">{words.text}</p>
        </div>
        <a className="btn" href={client.certificateUrl(id)} download={words.file(id)}>
          <Download size={15} aria-hidden />
          {words.save}
        </a>
      </div>
      <dl className="mt-3 grid gap-x-6 gap-y-1 text-sm md:grid-cols-[auto_minmax(0,1fr)]">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-ink2 max-md:mt-1">{name}</dt>
            <dd className="num min-w-0 break-words">{value}</dd>
          </div>
        ))}
      </dl>
      <Signed title={words.note} text={c.certificate} />
      <Signed title={words.verifier} text={c.verifier} />
    </section>
  )
}

function Signed({ title, text }: { title: string; text: string }) {
  return (
    <div className="mt-4">
      <h3 className="flex items-center gap-1 text-sm text-ink2">
        {title}
        <Copy text={text} label={words.copy(title)} />
      </h3>
      <pre className="mt-1 rounded-lg border border-line bg-sunken px-3 py-2 font-mono text-xs break-all whitespace-pre-wrap">
        <Lines>{text.trimEnd()}</Lines>
      </pre>
    </div>
  )
}
