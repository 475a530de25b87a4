import { X } from 'lucide-react'
import { useEffect, useId, useRef, type ReactNode } from 'react'
import { t } from '../strings'

/** A modal dialog. It is there while it is rendered; Escape and the cross call onClose. Without one it has to be answered. */
export function Dialog({ title, onClose, children, wide }: { title: string; onClose?: () => void; children: ReactNode; wide?: boolean }) {
  const ref = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const d = ref.current!
    const before = document.activeElement
    d.showModal()
    return () => {
      d.close()
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={ref}
      aria-labelledby={id}
      className={`m-auto max-h-[calc(100dvh-32px)] w-[calc(100vw-32px)] overflow-auto rounded-xl border border-line bg-surface p-5 text-ink ${wide ? 'max-w-2xl' : 'max-w-md'}`}
      style={{ boxShadow: 'var(--pop)' }}
      onCancel={(e) => {
        e.preventDefault()
        onClose?.()
      }}
      onKeyDown={(e) => e.stopPropagation()}
    >
      <header className="mb-3 flex items-start gap-3">
        <h2 id={id} className="min-w-0 flex-1 text-lg font-semibold">
          {title}
        </h2>
        {onClose && (
          <button className="ib -mr-2 -mt-1" aria-label={t.common.close} onClick={onClose}>
            <X size={17} aria-hidden />
          </button>
        )}
      </header>
      {children}
    </dialog>
  )
}

/** The row of buttons at a dialog's end. */
export function Buttons({ children }: { children: ReactNode }) {
  return <div className="mt-5 flex flex-wrap justify-end gap-2">{children}</div>
}

/** The end of a form in a dialog: what was wrong with the last try, a way out, and what the form does. */
export function FormEnd({ go, wrong, id, busy = false, onClose }: { go: string; wrong: string; id?: string; busy?: boolean; onClose: () => void }) {
  return (
    <>
      <p id={id} role="alert" className="mt-2 text-sm text-red empty:hidden">
        {wrong}
      </p>
      <Buttons>
        <button type="button" className="btn" onClick={onClose}>
          {t.common.cancel}
        </button>
        <button className="btn btn-p" aria-disabled={busy}>
          {go}
        </button>
      </Buttons>
    </>
  )
}
