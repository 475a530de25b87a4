import { useId, useState } from 'react'

interface Props {
  label: string
  hint?: string
  /** What is wrong with it. */
  wrong?: string
}

/** A control with its name above, and under it what is wrong, or what it is for. */
export function Control({ label, hint, wrong, children }: Props & { children: (a: { id: string; 'aria-describedby': string | undefined; 'aria-invalid': boolean }) => React.ReactNode }) {
  const id = useId()
  const note = wrong ?? hint
  return (
    <div className="min-w-0">
      <label htmlFor={id} className="mb-1 block text-sm font-medium">
        {label}
      </label>
      {children({ id, 'aria-describedby': note ? `${id}-note` : undefined, 'aria-invalid': !!wrong })}
      {note && (
        <p id={`${id}-note`} className={`mt-1 text-xs ${wrong ? 'text-red' : 'text-ink2'}`}>
          {note}
        </p>
      )}
    </div>
  )
}

export function Whole({ value, onChange, ...props }: Props & { value: number | undefined; onChange: (n: number | undefined) => void }) {
  return (
    <Control {...props}>
      {(a) => <input {...a} className="field num w-full" type="number" min={0} step={1} inputMode="numeric" value={value ?? ''} onChange={(e) => onChange(e.target.value === '' ? undefined : Number(e.target.value))} />}
    </Control>
  )
}

const names = (text: string) => text.split('\n').map((s) => s.trim()).filter(Boolean)

/** A list of names, one a line. */
export function Names({ value, onChange, ...props }: Props & { value: string[]; onChange: (v: string[]) => void }) {
  const [text, setText] = useState(value.join('\n'))
  // what is typed stands as long as it means the same: a line may be empty yet
  const shown = names(text).join('\n') === value.join('\n') ? text : value.join('\n')
  return (
    <Control {...props}>
      {(a) => (
        <textarea
          {...a}
          className="field w-full font-mono text-xs"
          rows={Math.min(8, Math.max(2, shown.split('\n').length))}
          spellCheck={false}
          value={shown}
          onChange={(e) => {
            setText(e.target.value)
            onChange(names(e.target.value))
          }}
        />
      )}
    </Control>
  )
}

export function Tick({ label, value, onChange }: { label: string; value: boolean; onChange: (v: boolean) => void }) {
  return (
    <label className="flex min-h-8 items-center gap-2 text-sm">
      <input type="checkbox" className="size-4 shrink-0 accent-accent" checked={value} onChange={(e) => onChange(e.target.checked)} />
      {label}
    </label>
  )
}
