import { X } from 'lucide-react'
import { store } from '../state/store'
import { t } from '../strings'

/** What is shown, and told to screen readers, after something was done or went wrong. */
interface Note {
  id: number
  text: string
  bad: boolean
}

const notes = store<Note[]>([])
let next = 1

function add(text: string, bad: boolean): number {
  const before = notes.get()
  notes.set([...before.filter((n) => n.bad), ...before.filter((n) => !n.bad).slice(-3), { id: next, text, bad }])
  return next++
}

const shownFor = 6000

/** Says that something is done; it goes by itself. */
export function say(text: string) {
  const id = add(text, false)
  setTimeout(() => drop(id), shownFor)
}

/** Says what went wrong; it stays until it is closed. */
export function complain(error: unknown) {
  add(why(error), true)
}

/** What went wrong and what to do next, in sentences. */
export function why(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const hint = error instanceof Error && 'hint' in error && typeof error.hint === 'string' && error.hint ? ` ${sentence(error.hint)}` : ''
  return sentence(text) + hint
}

function sentence(s: string): string {
  const big = s.charAt(0).toUpperCase() + s.slice(1)
  return /[.!?]$/.test(big) ? big : `${big}.`
}

const drop = (id: number) => notes.set(notes.get().filter((n) => n.id !== id))

export function Notes() {
  const all = notes.use()
  return (
    <div role="status" aria-live="polite" className="pointer-events-none fixed inset-x-4 bottom-4 z-50 flex flex-col items-center gap-2 max-md:bottom-20">
      {all.map((n) => (
        <div
          key={n.id}
          className={`pointer-events-auto flex max-w-xl items-center gap-2 rounded-lg border bg-surface py-1 pr-1 pl-4 text-sm ${n.bad ? 'border-red text-red' : 'border-line'}`}
          style={{ boxShadow: 'var(--pop)' }}
        >
          <span className="min-w-0">{n.text}</span>
          <button className="ib" aria-label={t.common.close} onClick={() => drop(n.id)}>
            <X size={15} aria-hidden />
          </button>
        </div>
      ))}
    </div>
  )
}
