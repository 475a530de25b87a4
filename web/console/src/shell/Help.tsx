import { useMay } from '../state/who'
import { shortcuts, t } from '../strings'
import { Dialog } from '../ui/Dialog'

export function Help({ onClose }: { onClose: () => void }) {
  const admin = useMay('admin')
  const upload = useMay('upload')
  return (
    <Dialog title={t.shell.shortcuts} onClose={onClose}>
      <dl className="grid grid-cols-[auto_1fr] items-center gap-x-6 gap-y-2">
        {shortcuts(admin, upload).map(([keys, what]) => (
          <div key={keys} className="contents">
            <dt>
              <kbd className="rounded border border-line bg-sunken px-1.5 py-0.5 font-mono text-xs">{keys}</kbd>
            </dt>
            <dd className="text-sm">{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
