import type { Progress, Report, StoredFile } from '@freshet/client'
import { Archive, ArrowRight, BookOpenCheck, CircleSlash, Download, FileCheck2, FileX2, Lock, LockOpen, RotateCw, Trash2 } from 'lucide-react'
import { useId, useState } from 'react'
import { client } from '../state/app'
import { download, promote } from '../state/actions'
import { type Right } from '../state/rights'
import { look, mayCheck, mayDelete, mayDownload, mayPromote } from '../state/status'
import { useRights } from '../state/who'
import { t } from '../strings'
import { Menu, type Item } from '../ui/Menu'
import { Pill } from '../ui/Pill'
import { say } from '../ui/Say'
import { Text } from '../ui/Text'
import { Facts } from './Facts'
import { dialogs, type Ask } from './Ask'
import { maySplit } from './split'

/** The name, what it is, and what can be done with it. */
export function Header({ file, report, live }: { file: StoredFile; report: Report | undefined; live: Progress | undefined }) {
  const [ask, setAsk] = useState<Ask | null>(null)
  const { may } = useRights()
  const can = (right: Right) => may(right, file.project)
  const kept = file.status === 'quarantined'
  const items = more(file, report, can, setAsk)
  const Dialog = ask && dialogs[ask]
  const allHere = live && live.file_size > 0 && live.bytes_received >= live.file_size
  return (
    <header className="flex flex-wrap items-start gap-x-4 gap-y-3">
      <div className="min-w-0 flex-1 basis-72">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
          <h1 className="title min-w-0 max-md:text-[19px] max-md:leading-6">
            <Name>{file.original_name}</Name>
          </h1>
          <Pill look={allHere ? 'checking' : look(file)} />
        </div>
        <Facts file={file} report={report} live={live} />
      </div>
      <div className="flex flex-wrap gap-2">
        {can('download') && !kept && <DownloadButton file={file} />}
        {can('curate') && <Step why={mayCheck(file)} label={<span className="max-[359px]:sr-only">{kept ? t.files.rescan : t.files.recheck}</span>} run={() => setAsk(kept ? 'rescan' : 'check')} icon={<RotateCw size={15} aria-hidden />} />}
        {can('curate') && !kept && <Step why={mayPromote(file)} label={t.detail.promote} run={() => void promote(file)} icon={<ArrowRight size={15} aria-hidden />} primary />}
        {items.length > 0 && <Menu label={t.detail.more} items={items} bordered />}
      </div>
      {Dialog && <Dialog file={file} onClose={() => setAsk(null)} />}
    </header>
  )
}

/** A name that may break behind its own separators. */
function Name({ children }: { children: string }) {
  const parts = children.split(/(?<=[-_.\s])/)
  return (
    <>
      {parts.map((p, i) => (
        <span key={i}>
          <Text>{p}</Text>
          <wbr />
        </span>
      ))}
    </>
  )
}

function DownloadButton({ file }: { file: StoredFile }) {
  const why = mayDownload(file)
  const label = <span className="max-md:sr-only">{t.files.download}</span>
  if (why) return <Step why={why} label={label} run={() => {}} icon={<Download size={15} aria-hidden />} />
  return (
    <a className="btn" href={client.downloadUrl(file.file_id)} download>
      <Download size={15} aria-hidden />
      {label}
    </a>
  )
}

/** A button that stays within reach when it cannot be used, and says why. */
function Step({ why, label, run, icon, primary }: { why: string | undefined; label: React.ReactNode; run: () => void; icon: React.ReactNode; primary?: boolean }) {
  const id = useId()
  return (
    <>
      <button className={`btn ${primary && !why ? 'btn-p' : ''}`} aria-disabled={!!why} aria-describedby={why ? id : undefined} title={why} onClick={why ? () => say(why) : run}>
        {icon}
        {label}
      </button>
      {why && (
        <span id={id} hidden>
          {why}
        </span>
      )}
    </>
  )
}

/** What else there is to do, of what whoever is here may do. */
function more(file: StoredFile, report: Report | undefined, can: (right: Right) => boolean, ask: (a: Ask) => void): Item[] {
  const id = file.file_id
  const inUse = file.status === 'fresh' || file.status === 'used'
  const split = maySplit(file, report)
  const held = file.hold !== null
  const all: (Item & { right: Right })[] = [
    { right: 'use', icon: BookOpenCheck, label: t.detail.use.menu, run: () => ask('use'), why: inUse ? undefined : t.detail.notFresh },
    { right: 'download', icon: FileX2, label: t.detail.rejected, run: () => download(client.rejectedUrl(id)), why: split.rejected },
    { right: 'download', icon: FileCheck2, label: t.detail.clean, run: () => download(client.cleanUrl(id)), why: split.clean },
    { right: 'curate', icon: Archive, label: t.detail.archive.menu, run: () => ask('archive'), why: inUse ? undefined : t.detail.notFresh },
    { right: 'curate', icon: CircleSlash, label: t.detail.deprecate.menu, run: () => ask('deprecate'), why: inUse || file.status === 'archived' ? undefined : t.detail.notFresh },
    held ? { right: 'admin', icon: LockOpen, label: t.detail.hold.release, run: () => ask('release') } : { right: 'admin', icon: Lock, label: t.detail.hold.menu, run: () => ask('hold') },
    { right: 'curate', icon: Trash2, label: t.files.remove, run: () => ask('remove'), why: mayDelete(file), danger: true },
  ]
  // nothing is read, used or moved of what is kept away
  const ofKept = new Set<Right>(['use', 'download'])
  return all.filter((i) => can(i.right) && !(file.status === 'quarantined' && (ofKept.has(i.right) || i.icon === Archive || i.icon === CircleSlash)))
}
