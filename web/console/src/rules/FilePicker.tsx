import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { bytes } from '../format'
import { client } from '../state/app'
import { fileQuery } from '../state/queries'
import { t } from '../strings'
import { Text } from '../ui/Text'

const p = t.rules.preview
const most = 8

/** Finds a stored file by its name. */
export function FilePicker({ id, onPick }: { id: string | undefined; onPick: (id: string) => void }) {
  const [text, setText] = useState('')
  const [open, setOpen] = useState(false)
  const [active, setActive] = useState(0)
  const box = useId()
  const chosen = useQuery({ ...fileQuery(id ?? ''), enabled: !!id }).data
  const q = text.trim()
  const found = useQuery({
    queryKey: ['files', 'pick', q],
    queryFn: ({ signal }) => client.files.list({ q: q || undefined, limit: most, status: 'uploaded,processing,fresh,used,archived,failed' }, signal),
    enabled: open,
    placeholderData: keepPreviousData,
  })
  const files = found.data?.files ?? []
  const pick = (id: string) => {
    onPick(id)
    setText('')
    setOpen(false)
  }
  const onKeyDown = (e: React.KeyboardEvent) => {
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
      setOpen(true)
      if (open && files.length) setActive((active + (e.key === 'ArrowDown' ? 1 : files.length - 1)) % files.length)
    } else if (e.key === 'Enter' && open && files[active]) pick(files[active].file_id)
    else if (e.key === 'Escape' && open) setOpen(false)
    else return
    e.preventDefault()
    e.stopPropagation()
  }
  return (
    <div className="relative" onBlur={(e) => !e.currentTarget.contains(e.relatedTarget) && setOpen(false)}>
      <label htmlFor={`${box}-input`} className="text-sm text-ink2">
        {chosen ? (
          <>
            {p.on}{' '}
            <span className="font-medium text-ink">
              <Text>{chosen.original_name}</Text>
            </span>
          </>
        ) : (
          p.choose
        )}
      </label>
      <input
        id={`${box}-input`}
        role="combobox"
        aria-expanded={open}
        aria-controls={`${box}-list`}
        aria-autocomplete="list"
        aria-activedescendant={open && files[active] ? `${box}-${active}` : undefined}
        autoComplete="off"
        className="field mt-1 w-full"
        placeholder={p.search}
        value={text}
        onFocus={() => setOpen(true)}
        onClick={() => setOpen(true)}
        onChange={(e) => {
          setText(e.target.value)
          setActive(0)
          setOpen(true)
        }}
        onKeyDown={onKeyDown}
      />
      <ul id={`${box}-list`} role="listbox" aria-label={p.files} hidden={!open || !files.length} className="absolute inset-x-0 top-full z-20 mt-1 rounded-lg border border-line bg-surface p-1" style={{ boxShadow: 'var(--pop)' }}>
        {files.map((f, i) => (
          // the input keeps the focus; the mouse is a second way
          <li key={f.file_id} id={`${box}-${i}`} role="option" aria-selected={i === active} onMouseDown={(e) => e.preventDefault()} onClick={() => pick(f.file_id)} onMouseMove={() => setActive(i)} className={`flex min-h-8 cursor-pointer items-baseline gap-3 rounded-md px-2 py-1.5 text-sm ${i === active ? 'bg-sunken' : ''}`}>
            <span className="min-w-0 flex-1 truncate">
              <Text>{f.original_name}</Text>
            </span>
            <span className="num shrink-0 text-xs text-ink2">{bytes(f.file_size)}</span>
          </li>
        ))}
      </ul>
      {open && (found.error || (found.data && !files.length)) && (
        <p role="status" className="mt-1 text-xs text-ink2">
          {found.error ? t.common.failed(t.files.what) : t.files.noMatch}
        </p>
      )}
    </div>
  )
}
