import { isOver } from '@freshet/client'
import { useEffect, useRef, useState } from 'react'
import { t } from '../strings'
import { plain } from '../ui/Text'
import { useTransfers } from './transfers'

/** Tells screen readers of uploads that ended, each once. */
export function Announce() {
  const transfers = useTransfers()
  const told = useRef(new Map<string, boolean>())
  const [text, setText] = useState('')
  useEffect(() => {
    const news: string[] = []
    for (const tr of transfers) {
      const over = isOver(tr.state)
      if (over && told.current.get(tr.id) === false) news.push(t.transfers.announceDone(plain(tr.name), tr.state === 'done' ? t.status[tr.result?.file_status === 'quarantined' ? 'quarantined' : tr.result?.verdict === 'failed' ? 'failed' : 'fresh'] : (tr.error?.message ?? t.status.ended)))
      told.current.set(tr.id, over)
    }
    if (news.length) setText(news.join('. '))
  }, [transfers])
  return (
    <p role="status" className="sr-only">
      {text}
    </p>
  )
}
