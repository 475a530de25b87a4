import { filesIn } from '@freshet/client'
import { useQuery } from '@tanstack/react-query'
import { ArrowUpFromLine } from 'lucide-react'
import { useEffect, useState } from 'react'
import { bytes } from '../format'
import { limitsQuery } from '../state/queries'
import { t } from '../strings'
import { complain } from '../ui/Say'
import { plain } from '../ui/Text'
import { intake, refuse } from './intake'

const carriesFiles = (e: DragEvent) => e.dataTransfer?.types.includes('Files') ?? false

/** The whole window takes files. The target shows while something is held over it. */
export function DropZone() {
  const [over, setOver] = useState(false)
  const { data: limits } = useQuery(limitsQuery)
  useEffect(() => {
    const onOver = (e: DragEvent) => {
      if (!carriesFiles(e)) return
      e.preventDefault()
      setOver(true)
    }
    // a drag that goes to another element of the page leaves the first one, too
    const onLeave = (e: DragEvent) => {
      if (!e.relatedTarget) setOver(false)
    }
    const onDrop = (e: DragEvent) => {
      setOver(false)
      if (!carriesFiles(e)) return
      e.preventDefault()
      filesIn(e.dataTransfer!)
        .then(({ files, unreadable }) => {
          refuse(unreadable.map((path) => t.files.refusedUnreadable(plain(path))))
          return intake(files)
        })
        .catch(complain)
    }
    const onKey = (e: KeyboardEvent) => {
      if (e.key === 'Escape') setOver(false)
    }
    addEventListener('dragenter', onOver)
    addEventListener('dragover', onOver)
    addEventListener('dragleave', onLeave)
    addEventListener('drop', onDrop)
    addEventListener('keydown', onKey)
    return () => {
      removeEventListener('dragenter', onOver)
      removeEventListener('dragover', onOver)
      removeEventListener('dragleave', onLeave)
      removeEventListener('drop', onDrop)
      removeEventListener('keydown', onKey)
    }
  }, [])
  if (!over) return null
  return (
    <div className="pointer-events-none fixed inset-3 z-40 grid place-items-center rounded-2xl border-2 border-dashed border-accent bg-accentsoft">
      <div className="p-4 text-center">
        <ArrowUpFromLine size={36} className="mx-auto text-accent" aria-hidden />
        <p className="mt-3 text-xl font-semibold">{t.files.dropTitle}</p>
        <p className="mt-1 text-ink2">{t.files.dropText(limits?.max_file_size != null ? bytes(limits.max_file_size) : null)}</p>
      </div>
    </div>
  )
}
