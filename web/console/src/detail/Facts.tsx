import type { Progress, Report, StoredFile } from '@freshet/client'
import { bytes } from '../format'
import { t } from '../strings'
import { Copy } from '../ui/Copy'
import { Text } from '../ui/Text'

/** What the file is: size, records, how it is written, its hash. */
export function Facts({ file, report, live }: { file: StoredFile; report: Report | undefined; live: Progress | undefined }) {
  const description = (file.metadata as { description?: unknown } | null)?.description
  // of a form that still arrives the row has no size yet
  const size = file.file_size || live?.file_size
  const facts = [size ? bytes(size) : '', file.record_count > 0 && t.common.records(file.record_count), report?.lines !== undefined && written(report), t.detail.dataType(file.data_type)]
  return (
    <>
      <p className="num mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-ink2">
        {facts.map((f) => f && <span key={f}>{f}</span>)}
        <Hash file={file} />
      </p>
      {typeof description === 'string' && description && (
        <p className="mt-1 max-w-prose text-sm text-ink2">
          <Text>{description}</Text>
        </p>
      )}
    </>
  )
}

/** Encoding, line ends and the like, of what a report tells. */
function written(r: Report): string | false {
  if (!r.format) return false
  const text = r.format !== 'parquet'
  return [
    t.detail.formats[r.format] ?? r.format,
    r.compression && t.detail.compression(r.compression, r.unpacked_bytes ? bytes(r.unpacked_bytes) : null),
    text && r.encoding.toUpperCase(),
    text && (t.detail.newlines[r.newline] ?? null),
    r.bom && t.detail.bom,
    r.delimiter && t.detail.delimiter(t.detail.delimiters[r.delimiter] ?? r.delimiter),
  ]
    .filter(Boolean)
    .join(', ')
}

function Hash({ file }: { file: StoredFile }) {
  const [kind, hex] = file.sha256 ? ['sha256', file.sha256] : (file.file_hash.split(':') as [string, string?])
  if (!hex) return null
  return (
    <span className="inline-flex items-center gap-1 font-mono text-xs">
      {kind} {hex.slice(0, 6)}…{hex.slice(-4)}
      <Copy text={hex} label={t.detail.copyHash(kind!)} />
    </span>
  )
}
