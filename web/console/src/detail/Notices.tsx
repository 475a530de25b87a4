import type { StoredFile } from '@freshet/client'
import { Lock, ShieldAlert } from 'lucide-react'
import { foundIn } from '../state/status'
import { useMay } from '../state/who'
import { t } from '../strings'
import { Text } from '../ui/Text'

/** What whoever looks at the file must know first: that it is kept away, or kept from being deleted. */
export function Notices({ file }: { file: StoredFile }) {
  const away = file.status === 'quarantined'
  const curates = useMay('curate', file.project)
  if (!away && file.hold === null) return null
  return (
    <div className="space-y-2">
      {away && (
        <p className="card flex items-start gap-2.5 border-red bg-redsoft px-4 py-3 text-sm text-red">
          <ShieldAlert size={17} className="mt-px shrink-0" aria-hidden />
          <span className="min-w-0">
            <span className="font-medium">{t.detail.quarantine.title(foundIn(file))}</span> {t.detail.quarantine.text} {curates && t.detail.quarantine.next}
          </span>
        </p>
      )}
      {file.hold !== null && (
        <p className="card flex items-start gap-2.5 border-amber bg-ambersoft px-4 py-3 text-sm text-amber">
          <Lock size={17} className="mt-px shrink-0" aria-hidden />
          <span className="min-w-0">
            <span className="font-medium">
              {t.detail.hold.on} <Text>{file.hold}</Text>
            </span>{' '}
            {t.detail.hold.onText}
          </span>
        </p>
      )}
    </div>
  )
}
