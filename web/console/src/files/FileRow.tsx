import type { StoredFile } from '@freshet/client'
import { Link } from '@tanstack/react-router'
import { ArrowRight, Download, FileJson, FileSpreadsheet, FileText, FileType, RotateCw, Table2, Trash2, type LucideIcon } from 'lucide-react'
import { memo, useState } from 'react'
import { ago, bytes, moment, num, short } from '../format'
import { download, promote, recheck, remove } from '../state/actions'
import { client } from '../state/app'
import { look, mayCheck, mayDelete, mayDownload, mayPromote } from '../state/status'
import { useRights } from '../state/who'
import { t } from '../strings'
import { Menu, type Item } from '../ui/Menu'
import { Pill } from '../ui/Pill'
import { plain, Text } from '../ui/Text'
import { Confirm } from '../ui/Confirm'

/** The widths of the list's columns, for its head too. */
export const columns = 'md:grid-cols-[minmax(0,1fr)_156px_104px_116px_84px_104px_36px]'

const icons: Record<string, LucideIcon> = { jsonl: FileJson, json: FileJson, csv: FileSpreadsheet, tsv: FileSpreadsheet, text: FileText, parquet: Table2 }

interface Props {
  index: number
  top: number
  height: number
  current: boolean
  file: StoredFile | undefined
  pick: () => void
}

const place = (top: number, height: number) => ({ height, transform: `translateY(${top}px)` })

export const FileRow = memo(function FileRow({ index, top, height, current, file: f, pick }: Props) {
  const arriving = f?.status === 'uploading' // how large it is and what is in it is told above, as it comes
  const Icon = f ? (icons[f.format] ?? FileType) : FileType
  return (
    <div
      role="row"
      id={`row-${index}`}
      aria-rowindex={index + 1}
      aria-selected={current}
      style={place(top, height)}
      onClick={pick}
      className={`absolute inset-x-0 top-0 grid grid-cols-[minmax(0,1fr)_auto] content-center items-center gap-x-5 border-b border-line px-4 hover:bg-sunken ${columns} ${current ? 'group-focus:bg-accentsoft' : ''}`}
    >
      {!f ? (
        <div role="gridcell" className="h-3 w-2/3 rounded bg-sunken" aria-label={t.common.loading} />
      ) : (
        <>
          <div role="gridcell" className="flex min-w-0 items-center gap-2.5">
            <Icon size={17} className="shrink-0 text-ink3" aria-hidden />
            <div className="min-w-0">
              <Link to="/files/$id" params={{ id: f.file_id }} className="block truncate font-medium hover:text-accent hover:underline" tabIndex={-1} title={plain(f.original_name)}>
                <Text>{f.original_name}</Text>
              </Link>
              <span className="num block truncate text-xs text-ink2 md:hidden">{arriving ? ago(f.updated_time) : t.files.meta(bytes(f.file_size), `${short(f.record_count)} ${t.files.columns.records.toLowerCase()}`, ago(f.updated_time))}</span>
            </div>
          </div>
          <div role="gridcell" className="max-md:col-start-1 max-md:row-start-2 max-md:pt-0.5 max-md:pl-[27px]">
            <Pill look={look(f)} />
          </div>
          <div role="gridcell" className="num text-right text-ink2 max-md:hidden">
            {arriving || f.status === 'processing' ? '–' : num(f.record_count)}
          </div>
          <div role="gridcell" className="num text-right max-md:hidden">
            {arriving ? <span className="text-ink2">–</span> : <Findings f={f} />}
          </div>
          <div role="gridcell" className="num text-right text-ink2 max-md:hidden">
            {arriving ? '–' : bytes(f.file_size)}
          </div>
          <div role="gridcell" className="num text-sm text-ink2 max-md:hidden" title={moment(f.updated_time)}>
            {ago(f.updated_time)}
          </div>
          <div role="gridcell" className="max-md:col-start-2 max-md:row-span-2 max-md:row-start-1">
            <Actions f={f} />
          </div>
        </>
      )}
    </div>
  )
})

function Findings({ f }: { f: StoredFile }) {
  if (f.errors_found) return <span className="font-medium text-red">{t.common.errors(f.errors_found)}</span>
  if (f.warnings_found) return <span className="text-ink2">{t.common.warnings(f.warnings_found)}</span>
  return <span className="text-ink3">{t.common.none}</span>
}

function Actions({ f }: { f: StoredFile }) {
  const [removing, setRemoving] = useState(false)
  const { may } = useRights()
  const name = plain(f.original_name)
  const kept = f.status === 'quarantined'
  const curates = may('curate', f.project)
  const items: Item[] = []
  if (curates && !kept) items.push({ icon: ArrowRight, label: t.files.promote, run: () => void promote(f), why: mayPromote(f) })
  if (curates) items.push({ icon: RotateCw, label: kept ? t.files.rescan : f.status === 'failed' ? t.files.retry : t.files.recheck, run: () => void recheck(f), why: mayCheck(f) })
  if (may('download', f.project) && !kept) items.push({ icon: Download, label: t.files.download, run: () => download(client.downloadUrl(f.file_id)), why: mayDownload(f) })
  if (curates) items.push({ icon: Trash2, label: t.files.remove, run: () => setRemoving(true), why: mayDelete(f), danger: true })
  if (!items.length) return null
  return (
    <>
      <Menu label={t.files.actions(name)} items={items} />
      {removing && (
        <Confirm
          title={t.files.removeTitle}
          text={t.files.removeText(name)}
          go={t.common.remove}
          run={() => void remove(f)}
          onClose={() => setRemoving(false)}
        />
      )}
    </>
  )
}
