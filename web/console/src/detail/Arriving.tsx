import type { Progress, StoredFile } from '@freshet/client'
import { useQuery } from '@tanstack/react-query'
import { bytes, duration, percent, short } from '../format'
import { mapQuery } from '../state/queries'
import { t } from '../strings'
import { FlowBar } from '../ui/FlowBar'
import { plain } from '../ui/Text'

/** What of the file is here, and what of that is checked. */
export function Arriving({ file, live }: { file: StoredFile; live: Progress }) {
  const map = useQuery(mapQuery(file.file_id)).data
  const total = live.file_size
  const all = total > 0 && live.bytes_received >= total
  const marks = map?.unit === 'byte' ? map.errors.flatMap((n, i) => (n ? [(i + 0.5) / map.errors.length] : [])) : undefined
  const facts = [
    all ? t.detail.arriving.checked(bytes(live.bytes_checked), bytes(total)) : t.transfers.of(bytes(live.bytes_received), bytes(total)),
    live.bytes_per_second > 0 && t.transfers.rate(bytes(live.bytes_per_second), live.eta_seconds === null ? null : duration(live.eta_seconds)),
    live.records_checked > 0 && t.transfers.checked(short(live.records_checked)),
  ].filter(Boolean)
  return (
    <div className="mt-3 border-t border-line pt-3">
      <p className="num mb-2 flex flex-wrap items-baseline gap-x-3 text-sm">
        <span className="font-medium">{all ? t.status.checking : t.status.receiving}</span>
        <span className="font-medium">{percent(all ? live.bytes_checked : live.bytes_received, total, 0)}</span>
        <span className="text-xs text-ink2">{facts.join(' · ')}</span>
        <span className={`text-xs ${live.errors_found ? 'font-medium text-red' : 'text-ink2'}`}>{live.errors_found ? t.common.errors(live.errors_found) : t.transfers.clean}</span>
      </p>
      <FlowBar label={t.transfers.label(plain(file.original_name))} received={live.bytes_received} checked={live.bytes_checked} total={total} marks={marks} live />
    </div>
  )
}
