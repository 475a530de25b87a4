import { useId, useRef, useState, type FormEvent } from 'react'
import { Dialog, FormEnd } from './Dialog'
import { why } from './Say'

export interface Words {
  title: string
  text: string
  label: string
  hint?: string
  go: string
  /** Said where the field is left empty; without it that is fine. */
  needed?: string
}

/** Asks for one line before something is done. What was refused is said beside the line, and the dialog stays. */
export function OneField({ words, maxLength = 1000, run, onClose }: { words: Words; maxLength?: number; run: (value: string) => Promise<unknown>; onClose: () => void }) {
  const id = useId()
  const [value, setValue] = useState('')
  const [wrong, setWrong] = useState('')
  const busy = useRef(false)
  const go = async (e: FormEvent) => {
    e.preventDefault()
    if (!value.trim() && words.needed) return setWrong(words.needed)
    if (busy.current) return
    busy.current = true
    try {
      await run(value.trim())
      onClose()
    } catch (error) {
      setWrong(why(error))
    } finally {
      busy.current = false
    }
  }
  return (
    <Dialog title={words.title} onClose={onClose}>
      <form onSubmit={(e) => void go(e)}>
        <p className="mb-3 text-ink2">{words.text}</p>
        <label className="block text-sm font-medium">
          {words.label}
          <input className="field mt-1 w-full font-normal" value={value} onChange={(e) => (setValue(e.target.value), setWrong(''))} maxLength={maxLength} aria-invalid={!!wrong} aria-describedby={words.hint ? `${id}hint ${id}wrong` : `${id}wrong`} autoComplete="off" autoFocus />
        </label>
        {words.hint && (
          <p id={`${id}hint`} className="mt-1 text-xs text-ink2">
            {words.hint}
          </p>
        )}
        <FormEnd go={words.go} wrong={wrong} id={`${id}wrong`} onClose={onClose} />
      </form>
    </Dialog>
  )
}
