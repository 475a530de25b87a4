import { useState } from 'react'
import { ago, bytes } from '../format'
import { look } from '../state/status'
import { useMay } from '../state/who'
import { t } from '../strings'
import { Buttons, Dialog } from '../ui/Dialog'
import { Pill } from '../ui/Pill'
import { plain, Text } from '../ui/Text'
import { send, taken, type Taken } from './intake'

type Choice = 'keep' | 'replace' | 'skip'

const choices: { value: Choice; label: string; hint: string }[] = [
  { value: 'keep', label: t.files.sameKeep, hint: t.files.sameKeepHint },
  { value: 'replace', label: t.files.sameReplace, hint: t.files.sameReplaceHint },
  { value: 'skip', label: t.files.sameSkip, hint: t.files.sameSkipHint },
]

/** Asks what is to become of files whose names are taken. */
export function SameNames() {
  const waiting = taken.use()
  return waiting.length ? <Ask waiting={waiting} /> : null
}

function Ask({ waiting }: { waiting: Taken[] }) {
  // by the file: more may be dropped while this is open
  const [chosen, setChosen] = useState<ReadonlyMap<Taken, Choice>>(new Map())
  const choice = (w: Taken) => chosen.get(w) ?? 'keep'
  const set = (c: Choice, of: Taken[]) => setChosen(new Map([...chosen, ...of.map((w) => [w, c] as const)]))
  const going = waiting.filter((w) => choice(w) !== 'skip').length
  const first = choice(waiting[0]!)
  const go = () => {
    const of = (c: Choice) => waiting.filter((w) => choice(w) === c)
    taken.set([])
    send(of('keep').map((w) => w.chosen))
    const replacing = of('replace')
    send(
      replacing.map((w) => w.chosen),
      replacing.map((w) => w.other),
    )
  }
  return (
    <Dialog title={t.files.sameTitle(waiting.length)} onClose={() => taken.set([])} wide>
      {waiting.length > 1 && <Choices name="all" legend={t.files.sameAll} value={waiting.every((w) => choice(w) === first) ? first : undefined} set={(c) => set(c, waiting)} />}
      <ul className="max-h-80 divide-y divide-line overflow-auto" tabIndex={waiting.length > 2 ? 0 : undefined}>
        {waiting.map((w, i) => (
          <li key={i} className="py-3">
            <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <span className="font-medium">
                <Text>{w.chosen.path ?? w.chosen.file.name}</Text>
              </span>
              <span className="num text-xs text-ink2">
                {bytes(w.other.file_size)}, {ago(w.other.upload_time)}
              </span>
              <Pill look={look(w.other)} />
            </p>
            <Choices name={`same-${i}`} legend={t.files.sameFor(plain(w.chosen.file.name))} hidden value={choice(w)} set={(c) => set(c, [w])} />
          </li>
        ))}
      </ul>
      <Buttons>
        <button className="btn" onClick={() => taken.set([])}>
          {t.common.cancel}
        </button>
        <button className="btn btn-p" onClick={go}>
          {t.files.sameGo(going)}
        </button>
      </Buttons>
    </Dialog>
  )
}

function Choices({ name, legend, hidden, value, set }: { name: string; legend: string; hidden?: boolean; value: Choice | undefined; set: (c: Choice) => void }) {
  const mayDelete = useMay('curate')
  return (
    <fieldset className="mt-2">
      <legend className={hidden ? 'sr-only' : 'text-sm font-medium'}>{legend}</legend>
      <div className="flex flex-wrap gap-x-5 gap-y-1">
        {choices.filter((c) => c.value !== 'replace' || mayDelete).map((c) => (
          <label key={c.value} className="flex min-h-6 items-center gap-2 text-sm" title={c.hint}>
            <input type="radio" name={name} className="size-4 accent-[var(--accent)]" checked={value === c.value} onChange={() => set(c.value)} aria-description={c.hint} />
            {c.label}
          </label>
        ))}
      </div>
      {!hidden && value && <p className="mt-1 text-xs text-ink2">{choices.find((c) => c.value === value)!.hint}</p>}
      {hidden && value === 'replace' && <p className="mt-1 text-xs text-ink2">{t.files.sameReplaceHint}</p>}
    </fieldset>
  )
}
