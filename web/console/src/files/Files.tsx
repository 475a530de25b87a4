import { useNavigate, useSearch } from '@tanstack/react-router'
import { Search } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useMay } from '../state/who'
import { t } from '../strings'
import { List } from './List'
import { Transfers } from './Transfers'
import { UploadButtons } from './UploadButtons'

/** All files, what arrives on top. */
export function Files() {
  return (
    <div className="page flex h-full flex-col gap-4 max-md:h-auto">
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="title">{t.files.title}</h1>
        <SearchBox />
        {useMay('upload') && (
          <div className="max-md:ml-auto">
            <UploadButtons />
          </div>
        )}
      </div>
      <Transfers />
      <List />
    </div>
  )
}

const settled = 150 // ms without a key: what is typed is searched for

function SearchBox() {
  const { q = '' } = useSearch({ strict: false })
  const navigate = useNavigate({ from: '/' })
  const [text, setText] = useState(q)
  const [told, setTold] = useState(q)
  if (q !== told) {
    // the address changed by something else: back, or "Clear the search"
    setTold(q)
    if (q !== text.trim()) setText(q)
  }
  useEffect(() => {
    if (text.trim() === q) return
    const timer = setTimeout(() => void navigate({ search: (s) => ({ ...s, q: text.trim() || undefined }), replace: true }), settled)
    return () => clearTimeout(timer)
  }, [text, q, navigate])
  return (
    <label className="relative ml-auto max-md:order-3 max-md:w-full">
      <Search size={16} className="absolute top-1/2 left-2.5 -translate-y-1/2 text-ink3" aria-hidden />
      <span className="sr-only">{t.files.search}</span>
      <input id="search" className="field w-full !pr-8 !pl-8 md:w-72" value={text} placeholder={t.files.placeholder} maxLength={200} autoComplete="off" spellCheck={false} onChange={(e) => setText(e.target.value)} onKeyDown={(e) => e.key === 'Escape' && setText('')} />
      <kbd className="absolute top-1/2 right-2 -translate-y-1/2 rounded border border-line px-1.5 text-xs text-ink3 max-md:hidden" aria-hidden>
        /
      </kbd>
    </label>
  )
}
